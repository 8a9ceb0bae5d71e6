#include "cli/capture_files.h"

#include <glob.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "cli/app.h"
#include "reports/utf8.h"

namespace tracetool {
namespace {

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error) && !entry.path().filename().string().starts_with('.'))
      files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::string> matches_of(const std::string& pattern) {
  std::vector<std::string> files;
  glob_t found{};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return files;
}

}  // namespace

std::string expand_paths(const std::vector<std::string>& given, std::vector<std::string>& paths) {
  for (const std::string& name : given) {
    std::error_code error;
    if (std::filesystem::is_directory(name, error)) {
      const auto files = files_in(name);
      if (files.empty()) return clean(name) + ": no files in it";
      paths.insert(paths.end(), files.begin(), files.end());
    } else if (name.find_first_of("*?[") != std::string::npos &&
               !std::filesystem::exists(name, error)) {
      const auto files = matches_of(name);
      if (files.empty()) return clean(name) + ": no file is called like that";
      paths.insert(paths.end(), files.begin(), files.end());
    } else {
      paths.push_back(name);
    }
  }
  return {};
}

std::vector<LoadJob> jobs_of(const std::vector<std::string>& paths, const Settings& settings) {
  std::vector<LoadJob> jobs;
  for (const std::string& path : paths) jobs.push_back({path, settings.from, settings.to});
  return jobs;
}

std::vector<LoadedReport> load_reports(const std::vector<LoadJob>& jobs, const Settings& settings,
                                       const std::vector<PassRequest>& requests,
                                       const std::function<void(size_t, LoadedReport&)>& digest) {
  std::vector<LoadedReport> loaded(jobs.size());
  const auto threads = static_cast<size_t>(settings.threads);
  const size_t workers = std::min(jobs.size(), threads);
  const auto load = [&](size_t i) {
    Settings own = settings;
    own.threads = static_cast<int>(std::max<size_t>(1, threads / std::max<size_t>(1, workers)));
    own.from = jobs[i].from;
    own.to = jobs[i].to;
    loaded[i] = load_report(jobs[i].path, own, requests);
    if (digest) digest(i, loaded[i]);
  };
  if (workers <= 1) {
    for (size_t i = 0; i < jobs.size(); ++i) load(i);
    return loaded;
  }
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) {
      // An exception must not leave the thread.
      try {
        load(i);
      } catch (const std::exception& e) {
        loaded[i] = {};
        loaded[i].path = jobs[i].path;
        loaded[i].error = e.what();
        loaded[i].code = kExitUnusable;
      }
    }
  };
  std::vector<std::thread> others;
  for (size_t w = 1; w < workers; ++w) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();
  return loaded;
}

}  // namespace tracetool

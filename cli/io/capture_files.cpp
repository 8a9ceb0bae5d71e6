#include "cli/io/capture_files.h"

#include <glob.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <new>

#include "parser/threads/thread_group.h"
#include "reports/words/utf8.h"

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
  const int result = glob(pattern.c_str(), 0, nullptr, &found);
  const std::unique_ptr<glob_t, void (*)(glob_t*)> freed(&found, &globfree);
  if (result == GLOB_NOSPACE) throw std::bad_alloc();
  if (result == 0) files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
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

std::vector<LoadedReport> load_reports(const std::vector<std::string>& paths,
                                       const Settings& settings,
                                       const std::vector<PassRequest>& requests, bool keep,
                                       const std::function<void(size_t, LoadedReport&)>& digest) {
  std::vector<LoadedReport> loaded(paths.size());
  const auto threads = static_cast<size_t>(settings.threads);
  const size_t workers = std::min(paths.size(), threads);
  Settings own = settings;
  own.threads = static_cast<int>(std::max<size_t>(1, threads / std::max<size_t>(1, workers)));
  std::atomic<size_t> next{0};
  const auto work = [&] {
    try {
      for (size_t i = next++; i < paths.size(); i = next++) {
        loaded[i] = load_report(paths[i], own, requests, keep);
        if (digest) digest(i, loaded[i]);
      }
    } catch (...) {
      next = paths.size();  // the others need not begin another one
      throw;
    }
  };
  ThreadGroup others;
  for (size_t w = 1; w < workers && others.start(work); ++w) {
  }
  work();
  others.join();
  return loaded;
}

}  // namespace tracetool

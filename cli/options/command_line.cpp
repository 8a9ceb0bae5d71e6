#include "cli/options/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "reports/model/values.h"
#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

std::string one_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out += (out.empty() ? "" : name == names.back() ? " or " : ", ") + name;
  return out;
}

/// "--format=x" and "-o" as they were typed -> what is wrong with them.
std::string unknown_argument(const std::vector<std::string>& extras,
                             const std::vector<Wanted>& wanted) {
  const auto option = std::ranges::find_if(
      extras, [](const std::string& arg) { return arg.size() > 1 && arg.starts_with('-'); });
  if (option == extras.end()) return "unexpected argument \"" + extras.front() + "\"";
  const std::string name = option->substr(0, option->find('='));
  std::vector<std::string> names = {"--help"};
  for (const Wanted& w : wanted) names.push_back(w.name);
  return "unknown option " + name + did_you_mean(name, names);
}

const PassOption* pass_option(const Command& command, const std::string& name) {
  if (command.pass == nullptr) return nullptr;
  const auto& options = command.pass->options;
  const auto it = std::ranges::find(options, name, &PassOption::name);
  return it == options.end() ? nullptr : &*it;
}

std::vector<std::string> words_of(const Command& command) {
  std::vector<std::string> words;
  if (command.pass == nullptr) return words;
  for (const PassOption& option : command.pass->options)
    words.insert(words.end(), option.words.begin(), option.words.end());
  return words;
}

/// "blocking sync,net trace.out": takes the list of words out of the arguments. A lone argument is
/// the trace, whatever it is called, and so is one of the `files` that follow "--".
std::string take_word_list(const Command& command, std::vector<std::string>& arguments,
                           size_t files) {
  if (command.pass == nullptr || arguments.size() + files < 2) return "";
  for (const PassOption& option : command.pass->options) {
    const auto is_list = [&](const std::string& text) {
      const std::vector<std::string> words = split_list(text);
      return !words.empty() && std::ranges::all_of(words, [&](const std::string& word) {
        return std::ranges::find(option.words, word) != option.words.end();
      });
    };
    const auto it = std::ranges::find_if(arguments, is_list);
    if (it == arguments.end()) continue;
    std::string list = *it;
    arguments.erase(it);
    return list;
  }
  return "";
}

}  // namespace

std::vector<Wanted> options_of(const Command& command) {
  std::vector<Wanted> wanted;
  const auto taken = [&](const std::string& name) {
    return std::ranges::find(wanted, name, &Wanted::name) != wanted.end();
  };
  if (command.pass != nullptr) {
    for (const PassOption& o : command.pass->options)
      wanted.push_back(
          {o.name, o.name, o.value, o.help, "Options of this command", o.default_value, false});
  }
  for (const Flag& flag : all_flags()) {
    // A pass may give a common option a meaning of its own.
    if ((flag.sets & command.flags) == 0 || taken(flag.name())) continue;
    wanted.push_back({flag.names, flag.name(), flag.value, flag.help, flag.group, "", flag.many,
                      (flag.sets & command.flags & ~command.idle_flags) == 0});
    if (wanted.back().name == "--format") wanted.back().help = one_of(command.formats);
    if (wanted.back().name == "--top" && (command.flags & kFlagsOverview) != 0)
      wanted.back().help =
          "this many rows, 0 for all (default for text and markdown: 10; with --full or --table "
          "20)";
  }
  return wanted;
}

CommandLine parse_command_line(const Command& command, const std::vector<std::string>& args) {
  CommandLine line;
  line.invocation.command = &command;
  CLI::App app;
  app.allow_extras();
  app.set_help_flag();
  bool help = false;
  app.add_flag("-h,--help", help);
  const std::vector<Wanted> wanted = options_of(command);
  std::map<std::string, std::vector<std::string>> texts;
  std::map<std::string, bool> switches;
  std::map<std::string, CLI::Option*> options;
  for (const Wanted& w : wanted) {
    options[w.name] = w.value.empty() ? app.add_flag(w.names, switches[w.name])
                                      : app.add_option(w.names, texts[w.name])
                                            ->expected(1, w.many ? 1 << 20 : 1)
                                            ->allow_extra_args(w.many)
                                            ->take_all();
  }
  std::vector<std::string> files;
  app.add_option("TRACE", files)->expected(0, 1 << 20);
  // Behind "--" there are only files, whatever they are called.
  const auto end = std::ranges::find(args, "--");
  const std::vector<std::string> rest(end == args.end() ? end : end + 1, args.end());
  std::vector<std::string> reversed(std::make_reverse_iterator(end), args.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& e) {
    line.error = e.what();
    for (const Wanted& w : wanted) {
      if (line.error.starts_with(w.name + ":")) line.error = w.name + ": a value is missing";
    }
    return line;
  } catch (const CLI::ParseError& e) {
    line.error = e.what();
    return line;
  }
  line.help = help;
  if (help) return line;
  if (!app.remaining().empty()) {
    line.error = unknown_argument(app.remaining(), wanted);
    return line;
  }
  const std::string list = take_word_list(command, files, rest.size());
  files.insert(files.end(), rest.begin(), rest.end());
  if (files.size() < command.least_traces) {
    line.error = "which trace? give a file, or - for standard input";
    return line;
  }
  if (files.size() > command.most_traces) {
    if (const auto words = words_of(command); !words.empty() && list.empty()) {
      line.error = "unexpected argument \"" + files[0] + "\"" + did_you_mean(files[0], words);
      return line;
    }
    line.error = "unexpected argument \"" + files[command.most_traces] + "\"" +
                 (command.most_traces == 1 ? "; one trace at a time" : "");
    return line;
  }
  line.invocation.path = files.empty() ? "" : files.front();
  line.invocation.paths = files;
  FlagValues values;  // of the common options only: a pass may use a name in its own way
  for (const Wanted& w : wanted) {
    const bool given = options[w.name]->count() > 0;
    const std::vector<std::string> typed =
        w.value.empty() ? std::vector<std::string>{"1"} : texts[w.name];
    if (const PassOption* own = pass_option(command, w.name)) {
      if (given && typed.back().empty() && own->default_value.empty() &&
          own->value.ends_with(",...")) {
        line.error = w.name + ": an empty list";
        return line;
      }
      std::string value = given ? typed.back() : own->default_value;
      if (!given && !own->words.empty() && !list.empty()) value = list;
      line.invocation.pass_options.set(w.name, std::move(value));
      // One limit for what the analysis keeps and for what reading does.
      if (given && w.name == "--max-memory") values.set(w.name, typed);
    } else if (given) {
      values.set(w.name, typed);
    }
  }
  if (auto error = read_settings(values, command.formats, line.invocation.settings))
    line.error = *error;
  return line;
}

}  // namespace tracetool

// User log messages (trace.Log) by category and text, and the messages themselves.
#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "analyses/engine/option_values.h"
#include "analyses/engine/pass.h"
#include "analyses/measure/columns.h"
#include "parser/model/hash.h"

namespace tracetool {
namespace {

/// Distinct texts that are counted apart, and how much of each is kept: bounds memory at 16 MB.
constexpr size_t kMostTexts = 20000;
constexpr size_t kLongestText = 512;
constexpr const char* kOtherTexts = "(other messages)";

struct Wanted {
  std::optional<Regex> category, message;
  uint64_t limit = 1000;
};

struct Sums {
  std::string category, message;
  uint64_t count = 0;
  int64_t first = 0, last = 0;
  void add(int64_t time) {
    if (count++ == 0) first = time;
    last = time;
  }
};

struct LogRow {
  int64_t time;
  uint64_t goroutine, task;
  std::string category, message;
};

const ColumnOf<Sums> kCategory = {key("category", "Category", "category of the log message"),
                                  text_of<&Sums::category>};
const ColumnOf<Sums> kMessage = {key("message", "Message", "text of the log message"),
                                 text_of<&Sums::message>};

Columns<Sums> with_sums(Columns<Sums> columns) {
  columns.push_back({count("count", "Count", 0, "messages"), count_of<&Sums::count>});
  append(columns, {{moment("first_ns", "First", 1, "time of the first one"), of<&Sums::first>},
                   {moment("last_ns", "Last", 1, "time of the last one"), of<&Sums::last>}});
  return columns;
}

const Columns<LogRow> kListColumns = {
    {row_time("time_ns", "Time", "when it was logged"), of<&LogRow::time>},
    {row_id("goroutine", "Goroutine", 0, "who logged it"), count_of<&LogRow::goroutine>},
    {row_id("task", "Task", 1, "task to which it belongs; none for the background task"),
     [](const LogRow& r) {
       return r.task == kNoTask || r.task == kBackgroundTask ? Cell() : count_cell(r.task);
     }},
    {text("category", "Category", 0, "category of the log message"), text_of<&LogRow::category>},
    {text("message", "Message", 0, "text of the log message"), text_of<&LogRow::message>},
};

class LogsPass final : public Pass {
 public:
  LogsPass(const RunContext& context, Wanted wanted)
      : context_(context), wanted_(std::move(wanted)) {}

  void block(const Block& block) override {
    for (const uint16_t at : block.rare_positions()) {
      const Event& e = block.events[at];
      if (e.kind == EventKind::kLog && (e.flags & kFlagOutside) == 0) add(e, block.message(e));
    }
  }
  void finish(const Capture& capture, Report& report) override;

 private:
  struct Category {
    bool wanted = true;
    Sums sums;
    Sums other;  // messages beyond the bound
    std::unordered_map<std::string, Sums, TextHash> messages;
  };

  void add(const Event& e, std::string_view message) {
    if (e.g != kNoGo && !context_.goroutines[e.g].selected) return;
    Category& category = category_of(e.name);
    if (!category.wanted) return;
    if (wanted_.message && !wanted_.message->found_in(message)) return;
    category.sums.add(e.time);
    message = message.substr(0, kLongestText);
    auto it = category.messages.find(std::string(message));
    if (it == category.messages.end() && texts_ < kMostTexts) {
      ++texts_;
      it = category.messages.emplace(message, Sums{category.sums.category, std::string(message)})
               .first;
    }
    (it == category.messages.end() ? category.other : it->second).add(e.time);
    if (list_.size() >= wanted_.limit) {
      ++left_out_;
      return;
    }
    list_.push_back({e.time, e.g == kNoGo ? 0 : context_.goroutines[e.g].id, e.task(),
                     category.sums.category, std::string(message)});
  }

  Category& category_of(StringId name) {
    const auto [it, fresh] = categories_.try_emplace(name);
    if (fresh) {
      const std::string_view text = context_.tables.string(name);
      it->second.sums.category = it->second.other.category = text;
      it->second.other.message = kOtherTexts;
      it->second.wanted = !wanted_.category || wanted_.category->found_in(text);
    }
    return it->second;
  }

  const RunContext context_;
  const Wanted wanted_;
  std::map<StringId, Category> categories_;
  size_t texts_ = 0;
  std::deque<LogRow> list_;
  uint64_t left_out_ = 0;
};

void LogsPass::finish(const Capture&, Report& report) {
  std::vector<Sums> categories, messages;
  for (const auto& [name, category] : categories_) {
    if (category.sums.count == 0) continue;
    categories.push_back(category.sums);
    for (const auto& [text, sums] : category.messages) messages.push_back(sums);
    if (category.other.count > 0) messages.push_back(category.other);
  }
  // The order of a hash map is nobody's: by time of the first message.
  std::ranges::sort(messages, {}, [](const Sums& s) { return std::pair(s.first, s.message); });

  Table by_category{.id = "log_categories",
                    .title = "Log messages by category",
                    .help = "Messages that the program logged with trace.Log.",
                    .sort_by = "count"};
  fill(by_category, with_sums({kCategory}), categories);
  report.tables.push_back(std::move(by_category));

  Table by_message{.id = "log_messages",
                   .detail = true,
                   .title = "Log messages by text",
                   .help = "Equal messages of a category, counted.",
                   .sort_by = "count"};
  fill(by_message, with_sums({kCategory, kMessage}), messages);
  if (texts_ >= kMostTexts)
    by_message.notes.push_back("only the first " + std::to_string(kMostTexts) +
                               " different messages are counted apart");
  report.tables.push_back(std::move(by_message));

  Table list{.id = "logs", .detail = true, .title = "Log messages", .help = "In order of time."};
  fill(list, kListColumns, list_);
  if (left_out_ > 0)
    list.notes.push_back(std::to_string(left_out_) + " later messages are left out: --limit " +
                         std::to_string(wanted_.limit));
  report.tables.push_back(std::move(list));
}

std::unique_ptr<Pass> make(const RunContext& context, const PassOptions& options,
                           std::string& error) {
  Wanted wanted;
  if (!read_regex(options, "--category", wanted.category, error) ||
      !read_regex(options, "--message", wanted.message, error) ||
      !read_number(options, "--limit", wanted.limit, error))
    return nullptr;
  wanted.limit = context.list_rows(wanted.limit);
  return std::make_unique<LogsPass>(context, std::move(wanted));
}

}  // namespace

extern const PassInfo logs_pass;
const PassInfo logs_pass = {
    "logs",
    "user log messages by category and text",
    "What the program wrote with trace.Log and trace.Logf: counted by category and by text, and\n"
    "listed with time, goroutine and task.\n"
    "\n"
    "Examples:\n"
    "  tracetool logs trace.out\n"
    "  tracetool logs trace.out --category '^cache$' --message miss --table logs",
    {{"--category", "REGEX", "only messages whose category matches", ""},
     {"--message", "REGEX", "only messages whose text matches", ""},
     {"--limit", "N", "list at most so many messages", "1000"}},
    make,
    1,
    42};

}  // namespace tracetool

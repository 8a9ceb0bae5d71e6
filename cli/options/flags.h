// Which options there are: one table, from which parsing, help and suggestions come.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tracetool {

/// Which commands an option is for; a command names the sets it takes.
enum FlagSet : unsigned {
  kFlagsInput = 1,   // reading a capture
  kFlagsWindow = 2,  // only a part of its time
  kFlagsFilter = 4,  // only some goroutines
  kFlagsReport = 8,  // tables
  kFlagsEvents = 16,
  kFlagsOutput = 32,
  kFlagsOverview = 64,  // text is short unless the user wants it all
  kFlagsFindings = 512,
  kFlagsFigures = 1024,  // which analyses run
  kFlagsCheck = 2048,
  kFlagsDiff = 4096,
  kFlagsMany = 8192,    // several captures in one table
  kFlagsScope = 16384,  // only time inside of some tasks or regions
  kFlagsWall = 32768,   // shows moments
  kFlagsIntervals = 65536,
};

struct Flag {
  const char* names;  // "-o,--output"; the last is the name it goes by
  const char* value;  // what stands for its value in the help; "" for a switch
  const char* help;
  const char* group;
  unsigned sets;
  bool many = false;         // takes several values at once
  std::string name() const;  // "--output"
};

std::span<const Flag> all_flags();

/// What was typed, by name ("--output"); a switch has one value, "1".
class FlagValues {
 public:
  void set(const std::string& name, std::vector<std::string> values) {
    values_[name] = std::move(values);
  }
  bool has(const std::string& name) const { return values_.contains(name); }
  /// The last one typed, or "".
  std::string last(const std::string& name) const {
    const auto it = values_.find(name);
    return it == values_.end() ? "" : it->second.back();
  }
  std::vector<std::string> all(const std::string& name) const {
    const auto it = values_.find(name);
    return it == values_.end() ? std::vector<std::string>() : it->second;
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace tracetool

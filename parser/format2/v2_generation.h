// One generation of format 2 in memory: its batches by thread, and its tables, ready to be ordered.
//
// Times, strings and stacks of a generation can only be resolved when all of it was read, so this
// is the unit in which the file is held: memory follows the largest generation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parser/format2/frequency.h"
#include "parser/format2/wire_spec.h"
#include "parser/input/byte_source.h"
#include "parser/model/facts.h"
#include "parser/model/fault.h"
#include "parser/model/hash.h"
#include "parser/model/heap_units.h"
#include "parser/model/tables.h"

namespace tracetool {

/// Trace-clock units to ns. Products are truncated one by one, as Go's reader does.
class Clock {
 public:
  Clock() = default;
  /// `ticks`: how many of the clock that `frequency` tells of make a unit.
  explicit Clock(uint64_t frequency, uint64_t ticks = 1);
  bool set() const { return factor_ != 0; }
  /// ns of a delta or of a base time; kTimeLimit or more is out of range.
  int64_t ns(uint64_t units) const {
    // Whole factors (64 on most platforms) need no floating point, and it would not round there.
    if (units < exact_below_) [[likely]]
      return static_cast<int64_t>(units * whole_);
    const double product = static_cast<double>(units) * factor_;
    return product < static_cast<double>(kTimeLimit) ? static_cast<int64_t>(product) : kTimeLimit;
  }
  static constexpr int64_t kTimeLimit = int64_t{1} << 61;

 private:
  double factor_ = 0;
  uint64_t whole_ = 0, exact_below_ = 0;
};

/// Wire id -> what it stands for. Ids are dense in real traces; others go to a hash.
template <class T>
class WireIds {
 public:
  /// Takes no longer than filling it did: cells of the rounds before stay, and are not in use.
  void clear() {
    if (++round_ == 0) {  // and none is of the next one
      dense_.clear();
      round_ = 1;
    }
    sparse_.clear();
    count_ = 0;
  }
  /// False if the id is taken.
  bool add(uint64_t id, const T& value) {
    if (find(id) != nullptr) return false;
    ++count_;
    if (id >= dense_.size() && id < 65536 + 2 * count_) dense_.resize(std::max(id + 1, 2 * count_));
    if (id < dense_.size()) {
      dense_[id] = {value, round_};
    } else {
      sparse_.emplace(id, value);
    }
    return true;
  }
  T* find(uint64_t id) {
    if (id < dense_.size()) [[likely]]
      if (dense_[id].round == round_) [[likely]]
        return &dense_[id].value;
    return sparse_.empty() ? nullptr : find_sparse(id);
  }
  uint64_t count() const { return count_; }

 private:
  T* find_sparse(uint64_t id) {
    const auto it = sparse_.find(id);
    return it == sparse_.end() ? nullptr : &it->second;
  }
  struct Cell {
    T value;
    uint32_t round = 0;  // in which it was filled
  };
  std::vector<Cell> dense_;
  std::unordered_map<uint64_t, T, IdHash> sparse_;
  uint64_t count_ = 0;
  uint32_t round_ = 1;
};

/// Wire id -> interned id, for small ids that were looked for before. 0 stands for 0.
class FoundIds {
 public:
  FoundIds() = default;
  FoundIds(const FoundIds&) = delete;  // it points into itself
  FoundIds& operator=(const FoundIds&) = delete;
  static constexpr uint32_t kNone = ~uint32_t{0};
  uint32_t operator[](uint64_t wire_id) const { return wire_id < count_ ? first_[wire_id] : kNone; }
  void set(uint64_t wire_id, uint32_t id) {
    if (wire_id >= ids_.size()) ids_.resize(wire_id + 1, kNone);
    ids_[wire_id] = id;
    filled_.push_back(static_cast<uint32_t>(wire_id));
    first_ = ids_.data();
    count_ = ids_.size();
  }
  /// Takes no longer than filling it did. `wire_id` of all that was set is small.
  void clear() {
    for (const uint32_t wire_id : filled_) ids_[wire_id] = kNone;
    filled_.clear();
    set(0, 0);
  }

 private:
  std::vector<uint32_t> ids_;
  std::vector<uint32_t> filled_;  // wire ids
  // Of `ids_`: a vector would work out its size each time.
  const uint32_t* first_ = nullptr;
  uint64_t count_ = 0;
};

struct BatchRef {
  const uint8_t* data;
  uint32_t size;
  uint32_t next;  // index of the thread's next batch, kNoBatch at its end
  uint64_t time;  // trace-clock units
  uint64_t offset;
};
inline constexpr uint32_t kNoBatch = ~uint32_t{0};

struct ThreadStream {
  ThreadIndex m;  // kNoThread for what no thread produced
  uint32_t first, last;
};

struct CpuSample {
  int64_t time;  // ns, raw
  ThreadIndex m;
  ProcIndex p;
  uint64_t g;  // 0 none
  uint64_t stack;
};

class Generation {
 public:
  /// `counts`: the rows of wire types to which each record read is added, or none.
  Generation(int version, const ReadLimits& limits, Tables& tables, CaptureFacts::WireCount* counts)
      : version_(version), limits_(limits), tables_(tables), counts_(counts) {}

  enum class Loaded { kYes, kEnd, kNo };
  /// Reads the next one. kNo: nothing of it can be used. There may be faults with kYes too: then
  /// this generation is damaged, or what follows it is. Two, as neither may hide the other:
  /// `framing` is where batches cannot be told apart and loses all that follows, `content` what is
  /// wrong within the first damaged batch and loses no more than batches.
  Loaded load(ByteSource& source, std::optional<Fault>& framing, std::optional<Fault>& content);

  uint64_t number() const { return number_; }
  /// What is missing in it is tolerated: unknown strings and stacks, unfinished threads.
  bool damaged() const { return damaged_; }
  /// Damaged, or ended by the end of an input that has no end marks: then what its tables lack may
  /// be behind that.
  bool incomplete() const { return damaged_ || (last_ && version_ < 26); }
  /// Nothing behind it can be read: batches cannot be told apart any more, or the input ended.
  bool last() const { return last_; }
  const Clock& clock() const { return clock_; }
  /// Of the capture's clock: Go 1.22.0 writes another clock's frequency on Windows.
  const FrequencyJudge& frequency() const { return judge_; }
  int64_t min_time() const { return clock_.ns(min_time_); }
  std::span<const ThreadStream> threads() const { return threads_; }
  const BatchRef& batch(uint32_t index) const { return batches_[index]; }
  std::span<const CpuSample> samples() const { return samples_; }
  /// Of CPU samples whose times are before the generation or out of range, and are not in
  /// samples().
  uint64_t stray_samples() const { return stray_samples_; }
  const GenerationFacts& facts() const { return facts_; }

  /// Timed events in its batches, found by walking them: for what could not be ordered.
  uint64_t count_events() const;

  static constexpr uint32_t kDangling = FoundIds::kNone;
  /// Interned id of a wire string or stack; kDangling if the generation does not have it, or, for
  /// a stack, not all of its names.
  StringId string(uint64_t wire_id) {
    const StringId found = string_ids_[wire_id];
    return found != kDangling ? found : find_string(wire_id);
  }
  StackId stack(uint64_t wire_id) {
    const StackId found = stack_ids_[wire_id];
    return found != kDangling ? found : find_stack(wire_id);
  }
  /// What is left of such a stack: its frames with lost names, or 0.
  StackId partial_stack(uint64_t wire_id);
  /// Of an object in an allocation event; nothing where the generation does not tell.
  ObjectType object_type(uint64_t wire_id);
  HeapUnits heap_units() const { return heap_units_; }
  /// The text itself, without interning it: log messages are as many as there are.
  std::optional<std::string_view> text(uint64_t wire_id);

 private:
  struct WireString {
    const uint8_t* data;
    uint32_t size;
  };
  struct BatchHeader {
    uint8_t type;
    uint8_t experiment;
    uint64_t generation, m, time, size;
    uint64_t offset;  // of its first byte
    uint64_t body_offset;
    std::span<const uint8_t> body;
  };
  /// A sequence of named varints in a section, with a sticky error.
  class Fields;

  Loaded load_batches(ByteSource& source, std::optional<Fault>& framing,
                      std::optional<Fault>& content);
  bool unfinished() const;
  void count_batch(const BatchHeader& batch);
  bool lacks_memory(uint64_t more) const;
  /// Which limit the next batch would break; empty for none.
  std::string too_much(uint64_t size) const;
  bool read_batch(ByteSource& source, BatchHeader& header, std::optional<Fault>& fault);
  bool can_follow(ByteSource& source, size_t size) const;
  bool cut_by_trace(ByteSource& source, const BatchHeader& batch, std::optional<Fault>& fault);
  bool add_batch(const BatchHeader& batch, std::optional<Fault>& fault);
  bool add_thread_batch(const BatchHeader& batch, std::optional<Fault>& fault);
  bool add_strings(Fields& in);
  bool add_stacks(Fields& in);
  bool add_samples(Fields& in);
  bool add_sync(Fields& in, uint64_t batch_time);
  bool add_object_types(Fields& in);
  bool add_heap_units(Fields& in);
  bool finish(std::optional<Fault>& fault);
  bool resolve_stacks(std::optional<Fault>& fault);
  void remember_registered();
  StringId find_string(uint64_t wire_id);
  StackId find_stack(uint64_t wire_id);
  void clear();

  void count_record(WireType type, size_t bytes) {
    if (counts_ == nullptr) return;
    ++counts_[type].events;
    counts_[type].bytes += bytes;
  }

  const int version_;
  const ReadLimits limits_;
  Tables& tables_;
  CaptureFacts::WireCount* const counts_;

  uint64_t number_ = 0;
  bool damaged_ = false;
  bool last_ = false;
  bool seen_ = false;  // a batch of this generation
  Clock clock_;
  uint64_t frequency_ = 0, last_frequency_ = 0;
  FrequencyJudge judge_;
  uint64_t min_time_ = 0, max_time_ = 0;  // of batches
  uint64_t table_bytes_ = 0;              // of sections
  struct RawClock {
    uint64_t units, mono, sec, nsec;
  };
  std::optional<RawClock> snapshot_;
  std::vector<BatchRef> batches_;
  std::vector<ThreadStream> threads_;
  std::vector<uint32_t> thread_of_;  // ThreadIndex -> 1 + index in threads_
  WireIds<WireString> strings_;
  WireIds<StackId> stacks_;
  struct WireObjectType {
    WireString name;
    uint64_t bytes;
    StringId interned;  // kDangling until it is wanted
  };
  WireIds<WireObjectType> object_types_;
  HeapUnits heap_units_;
  /// The interned ids of small wire ids (nearly all), kDangling where not looked up yet: validity
  /// and translation are one load.
  FoundIds string_ids_, stack_ids_;
  struct RawStack {
    uint64_t id;
    uint32_t first, count;  // in raw_frames_
    uint64_t offset;
  };
  struct RawFrame {
    uint64_t pc, function, file, line;
  };
  std::vector<RawStack> raw_stacks_;
  std::vector<RawFrame> raw_frames_;
  std::vector<CpuSample> samples_;
  uint64_t stray_samples_ = 0;
  std::vector<uint64_t> partial_stacks_;  // wire ids, ascending
  Loss content_loss_;
  /// Reasons and labels that the writer registers under the same ids in every generation.
  std::unordered_map<uint64_t, StringId, IdHash> registered_;
  GenerationFacts facts_;
};

}  // namespace tracetool

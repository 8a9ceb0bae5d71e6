// Writes traces of format 2 for tests: right ones in a few lines, and wrong ones on purpose.
//
//   TraceBuilder b(26);
//   auto& g = b.generation(1);
//   g.thread(7)
//       .event("ProcStatus", {0, kProcRunning})
//       .event("GoStatus", {1, 7, kGoRunning})
//       .event("GoBlock", {"sync", frames({"main.f"})});
//   auto bytes = b.bytes();
//
// Strings and stacks are interned by generation; sync, stack, string sections and the end mark are
// added unless the test says otherwise. Clocks tick in ns, and an event comes 1 ns after the last
// one, unless the test says otherwise too.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tracetool::test {

using Bytes = std::vector<uint8_t>;

inline constexpr int kProcRunning = 1, kProcIdle = 2, kProcSyscall = 3, kProcAbandoned = 4;
inline constexpr int kGoRunnable = 1, kGoRunning = 2, kGoSyscall = 3, kGoWaiting = 4;

/// Function names, innermost first.
struct Frames {
  std::vector<std::string> functions;
};
inline Frames frames(std::initializer_list<std::string> functions) { return {functions}; }

/// An argument of an event: a number, a text, or a stack.
struct Arg {
  Arg(int v) : value(static_cast<uint64_t>(static_cast<int64_t>(v))) {}
  Arg(int64_t v) : value(static_cast<uint64_t>(v)) {}
  Arg(uint64_t v) : value(v) {}
  Arg(const char* t) : text(t) {}
  Arg(Frames f) : stack(std::move(f)) {}
  uint64_t value = 0;
  std::optional<std::string> text = {};
  std::optional<Frames> stack = {};
};

/// LEB128; with `width` 10 as the runtime writes batch sizes.
void put_varint(Bytes& out, uint64_t value, size_t width = 1);

class GenerationBuilder;

/// A batch: events of a thread, or any other body.
class BatchBuilder {
 public:
  BatchBuilder(GenerationBuilder& generation, uint64_t m, uint64_t time);

  /// `dt` units after the last one.
  BatchBuilder& event(std::string_view name, std::initializer_list<Arg> args = {}, uint64_t dt = 1);
  /// The next event's time, in units; not before the last one's.
  BatchBuilder& at(uint64_t time);
  BatchBuilder& raw(std::initializer_list<int> bytes);
  BatchBuilder& raw(const Bytes& bytes);

  // Lies: each changes what the header says.
  BatchBuilder& generation(uint64_t number);
  BatchBuilder& size(uint64_t size);
  BatchBuilder& experiment(uint8_t number);  // makes it an experimental batch
  BatchBuilder& padded();                    // all later varints take 10 bytes

  /// Where the last event begins, and the batch itself; known after TraceBuilder::bytes().
  uint64_t last_offset() const { return body_offset_ + last_; }
  uint64_t offset() const { return offset_; }
  uint64_t body_offset() const { return body_offset_; }

 private:
  friend class GenerationBuilder;
  void write(Bytes& out);
  uint64_t id_of(const Arg& arg);

  GenerationBuilder* owner_;
  uint64_t m_, time_, now_;
  std::optional<uint64_t> at_, number_, size_;
  std::optional<uint8_t> experiment_;
  size_t width_ = 1;
  Bytes body_;
  size_t last_ = 0;
  uint64_t offset_ = 0, body_offset_ = 0;
};

class GenerationBuilder {
 public:
  GenerationBuilder(int version, uint64_t number, uint64_t time)
      : version_(version), number_(number), time_(time) {}

  /// The thread's last batch, or a first one at the generation's time.
  BatchBuilder& thread(int64_t m);
  /// A further batch, at `time` units.
  BatchBuilder& batch(int64_t m, uint64_t time);
  BatchBuilder& nobody() { return thread(-1); }
  /// p and m -1 and g 0 stand for none.
  GenerationBuilder& sample(uint64_t time, int64_t m, int64_t p, uint64_t g, const Arg& stack);

  uint64_t string(std::string_view text);
  uint64_t stack(const Frames& frames);
  /// Exactly this record, whatever else has the id.
  GenerationBuilder& string_record(uint64_t id, std::string_view text);
  GenerationBuilder& stack_record(uint64_t id, uint64_t pc, uint64_t function, uint64_t file,
                                  uint64_t line);

  /// Units per second, 10^9 by default; 0 leaves the record out.
  GenerationBuilder& frequency(uint64_t units_per_second);
  GenerationBuilder& no_frequency();
  GenerationBuilder& no_snapshot();
  /// Unix time when the generation begins (25 and newer).
  GenerationBuilder& clock(uint64_t seconds, uint64_t ns);
  /// No sections but those with events.
  GenerationBuilder& no_tables();
  GenerationBuilder& no_end();

 private:
  friend class TraceBuilder;
  friend class BatchBuilder;
  void write(Bytes& out);

  int version_;
  uint64_t number_, time_;
  std::optional<uint64_t> frequency_ = 1'000'000'000;
  uint64_t snapshot_dt_ = 2, wall_sec_ = 1'700'000'000, wall_nsec_ = 5;
  bool snapshot_ = true, tables_ = true, end_ = true;
  std::vector<std::unique_ptr<BatchBuilder>> batches_;
  std::vector<std::string> strings_;
  std::vector<std::vector<std::string>> stacks_;
  /// A batch holds 64 KiB at most: what is full is put aside.
  void make_room(Bytes& section);
  Bytes string_body_{4}, stack_body_{2}, sample_body_{6};
  std::vector<Bytes> full_sections_;
};

class TraceBuilder {
 public:
  explicit TraceBuilder(int version) : version_(version) {}
  /// The next generation; its clock stands at 1000 * number unless given.
  GenerationBuilder& generation(uint64_t number, uint64_t time = 0);
  /// Bytes between generations (before the first one: behind the header).
  void raw(const Bytes& bytes);
  Bytes bytes();

 private:
  struct Item {
    std::unique_ptr<GenerationBuilder> generation;
    Bytes raw;
  };
  int version_;
  std::vector<Item> items_;
};

/// Thread m as most streams begin: P p and goroutine g, both running.
BatchBuilder& on_cpu(GenerationBuilder& generation, int64_t m, int64_t p, int64_t g);

/// "go 1.N trace" and its padding.
Bytes header(int version);

}  // namespace tracetool::test

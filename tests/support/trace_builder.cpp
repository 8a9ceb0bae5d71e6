#include "tests/support/trace_builder.h"

#include <algorithm>
#include <stdexcept>

#include "parser/format2/wire_spec.h"

namespace tracetool::test {
namespace {

constexpr uint64_t kNobody = ~uint64_t{0};

uint8_t type_of(std::string_view name) {
  for (int type = 0; type < 256; ++type)
    if (wire_spec(static_cast<uint8_t>(type)).name == name) return static_cast<uint8_t>(type);
  throw std::invalid_argument("no such wire event: " + std::string(name));
}

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

void write_batch(Bytes& out, uint64_t generation, uint64_t m, uint64_t time, const Bytes& body) {
  out.push_back(1);
  put_varint(out, generation);
  put_varint(out, m);
  put_varint(out, time);
  put_varint(out, body.size(), 10);
  append(out, body);
}

}  // namespace

void put_varint(Bytes& out, uint64_t value, size_t width) {
  for (size_t n = 1; value >= 0x80 || n < width; ++n, value >>= 7)
    out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

Bytes header(int version) {
  const std::string text = "go 1." + std::to_string(version) + " trace";
  Bytes out(text.begin(), text.end());
  out.resize(16);
  return out;
}

BatchBuilder::BatchBuilder(GenerationBuilder& generation, uint64_t m, uint64_t time)
    : owner_(&generation), m_(m), time_(time), now_(time) {}

uint64_t BatchBuilder::id_of(const Arg& arg) {
  if (arg.text) return owner_->string(*arg.text);
  if (arg.stack) return owner_->stack(*arg.stack);
  return arg.value;
}

BatchBuilder& BatchBuilder::event(std::string_view name, std::initializer_list<Arg> args,
                                  uint64_t dt) {
  const uint8_t type = type_of(name);
  if (args.size() != static_cast<size_t>(wire_spec(type).arg_count()))
    throw std::invalid_argument(std::string(name) + " has other arguments");
  last_ = body_.size();
  body_.push_back(type);
  const uint64_t time = at_.value_or(now_ + dt);
  put_varint(body_, time - now_, width_);
  now_ = time;
  at_.reset();
  for (const Arg& arg : args) put_varint(body_, id_of(arg), width_);
  return *this;
}

BatchBuilder& BatchBuilder::at(uint64_t time) {
  at_ = time;
  return *this;
}

BatchBuilder& BatchBuilder::raw(std::initializer_list<int> bytes) {
  last_ = body_.size();
  for (int b : bytes) body_.push_back(static_cast<uint8_t>(b));
  return *this;
}

BatchBuilder& BatchBuilder::raw(const Bytes& bytes) {
  last_ = body_.size();
  append(body_, bytes);
  return *this;
}

BatchBuilder& BatchBuilder::generation(uint64_t number) {
  number_ = number;
  return *this;
}

BatchBuilder& BatchBuilder::size(uint64_t size) {
  size_ = size;
  return *this;
}

BatchBuilder& BatchBuilder::experiment(uint8_t number) {
  experiment_ = number;
  return *this;
}

BatchBuilder& BatchBuilder::padded() {
  width_ = 10;
  return *this;
}

void BatchBuilder::write(Bytes& out) {
  offset_ = out.size();
  out.push_back(experiment_ ? 0x31 : 0x01);
  if (experiment_) out.push_back(*experiment_);
  put_varint(out, number_.value_or(owner_->number_));
  put_varint(out, m_);
  put_varint(out, time_);
  put_varint(out, size_.value_or(body_.size()), 10);
  body_offset_ = out.size();
  append(out, body_);
}

BatchBuilder& GenerationBuilder::thread(int64_t m) {
  for (auto it = batches_.rbegin(); it != batches_.rend(); ++it)
    if ((*it)->m_ == static_cast<uint64_t>(m)) return **it;
  return batch(m, time_);
}

BatchBuilder& GenerationBuilder::batch(int64_t m, uint64_t time) {
  return *batches_.emplace_back(
      std::make_unique<BatchBuilder>(*this, static_cast<uint64_t>(m), time));
}

GenerationBuilder& GenerationBuilder::sample(uint64_t time, int64_t m, int64_t p, uint64_t g,
                                             const Arg& stack_arg) {
  sample_body_.push_back(7);
  put_varint(sample_body_, time);
  put_varint(sample_body_, static_cast<uint64_t>(m));
  put_varint(sample_body_, static_cast<uint64_t>(p));
  put_varint(sample_body_, g);
  put_varint(sample_body_, stack_arg.stack ? stack(*stack_arg.stack) : stack_arg.value);
  return *this;
}

void GenerationBuilder::make_room(Bytes& section) {
  constexpr size_t kFull = 60'000;
  if (section.size() < kFull) return;
  full_sections_.push_back(section);
  section.resize(1);
}

uint64_t GenerationBuilder::string(std::string_view text) {
  if (text.empty()) return 0;
  const auto it = std::ranges::find(strings_, text);
  if (it != strings_.end()) return static_cast<uint64_t>(it - strings_.begin()) + 1;
  strings_.emplace_back(text);
  string_record(strings_.size(), text);
  return strings_.size();
}

uint64_t GenerationBuilder::stack(const Frames& frames) {
  if (frames.functions.empty()) return 0;
  const auto it = std::ranges::find(stacks_, frames.functions);
  if (it != stacks_.end()) return static_cast<uint64_t>(it - stacks_.begin()) + 1;
  stacks_.push_back(frames.functions);
  make_room(stack_body_);
  stack_body_.push_back(3);
  put_varint(stack_body_, stacks_.size());
  put_varint(stack_body_, frames.functions.size());
  for (const std::string& function : frames.functions) {
    const uint64_t id = string(function);
    put_varint(stack_body_, 0x1000 + id);  // one pc a function
    put_varint(stack_body_, id);
    put_varint(stack_body_, string("m.go"));
    put_varint(stack_body_, 10 + id);
  }
  return stacks_.size();
}

GenerationBuilder& GenerationBuilder::string_record(uint64_t id, std::string_view text) {
  make_room(string_body_);
  string_body_.push_back(5);
  put_varint(string_body_, id);
  put_varint(string_body_, text.size());
  string_body_.insert(string_body_.end(), text.begin(), text.end());
  return *this;
}

GenerationBuilder& GenerationBuilder::stack_record(uint64_t id, uint64_t pc, uint64_t function,
                                                   uint64_t file, uint64_t line) {
  stack_body_.push_back(3);
  for (uint64_t value : {id, uint64_t{1}, pc, function, file, line}) put_varint(stack_body_, value);
  return *this;
}

GenerationBuilder& GenerationBuilder::frequency(uint64_t units_per_second) {
  frequency_ = units_per_second;
  return *this;
}

GenerationBuilder& GenerationBuilder::no_frequency() {
  frequency_.reset();
  return *this;
}

GenerationBuilder& GenerationBuilder::no_snapshot() {
  snapshot_ = false;
  return *this;
}

GenerationBuilder& GenerationBuilder::clock(uint64_t seconds, uint64_t ns) {
  snapshot_dt_ = 0;
  wall_sec_ = seconds;
  wall_nsec_ = ns;
  return *this;
}

GenerationBuilder& GenerationBuilder::no_tables() {
  tables_ = false;
  return *this;
}

GenerationBuilder& GenerationBuilder::no_end() {
  end_ = false;
  return *this;
}

void GenerationBuilder::write(Bytes& out) {
  // Where the runtime writes them: the sync batch first since 1.25, the frequency last before.
  Bytes sync;
  if (version_ >= 25) sync.push_back(0x32);
  if (frequency_) {
    sync.push_back(8);
    put_varint(sync, *frequency_);
  }
  if (version_ >= 25 && snapshot_) {
    sync.push_back(0x33);
    for (uint64_t value : {snapshot_dt_, 64 * time_, wall_sec_, wall_nsec_})
      put_varint(sync, value);
  }
  if (version_ >= 25 && !sync.empty()) write_batch(out, number_, kNobody, time_, sync);
  for (const auto& batch : batches_) batch->write(out);
  if (tables_) {
    for (const Bytes& body : full_sections_) write_batch(out, number_, kNobody, time_, body);
    for (const Bytes* body : {&sample_body_, &stack_body_, &string_body_})
      if (body->size() > 1) write_batch(out, number_, kNobody, time_, *body);
  }
  if (version_ < 25 && !sync.empty()) write_batch(out, number_, kNobody, time_, sync);
  if (version_ >= 26 && end_) out.push_back(0x34);
}

BatchBuilder& on_cpu(GenerationBuilder& generation, int64_t m, int64_t p, int64_t g) {
  return generation.thread(m)
      .event("ProcStatus", {p, kProcRunning})
      .event("GoStatus", {g, m, kGoRunning});
}

GenerationBuilder& TraceBuilder::generation(uint64_t number, uint64_t time) {
  Item& item = items_.emplace_back();
  item.generation =
      std::make_unique<GenerationBuilder>(version_, number, time != 0 ? time : 1000 * number);
  return *item.generation;
}

void TraceBuilder::raw(const Bytes& bytes) { items_.push_back({nullptr, bytes}); }

Bytes TraceBuilder::bytes() {
  Bytes out = header(version_);
  for (const Item& item : items_) {
    if (item.generation) item.generation->write(out);
    append(out, item.raw);
  }
  return out;
}

}  // namespace tracetool::test

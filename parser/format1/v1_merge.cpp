#include "parser/format1/v1_merge.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "parser/model/hash.h"

namespace tracetool::v1 {
namespace {

constexpr const char* kOutOfRange = "time is out of range";

/// Decodes the record at `p`, whose layout the first pass has checked, and moves behind it.
/// `ticks` is left alone. False if it is no event of the P in whose stream it lies.
[[gnu::always_inline]] inline bool decode(const Layout& layout, const uint8_t*& p, Record& out,
                                          uint64_t& delta) {
  out.at = p;
  const uint8_t byte = *p++;
  out.type = byte & 63;
  const uint8_t count = layout[out.type];
  if (count == kOwnLayout) [[unlikely]] {
    if (out.type == kString) varint_trusted(p);
    const uint64_t length = varint_trusted(p);
    p += length;
    return false;
  }
  if (byte >> 6 == 3) varint_trusted(p);
  delta = varint_trusted(p);
  for (int i = 1; i < count; ++i) out.args[i - 1] = varint_trusted(p);
  switch (out.type) {
    case kFrequency:
    case kTimerGoroutine:
    case kCPUSample:
      return false;
    case kUserLog: {
      out.message = p;
      const uint64_t length = varint_trusted(p);
      p += length;
      return true;
    }
    default:
      return true;
  }
}

/// When a syscall really ended; 0: when it says so.
uint64_t exit_ticks(const Record& r) { return r.args[r.type == kGoSysExit ? 2 : 1]; }

}  // namespace

Merge::Merge(const Capture& capture, Converter& converter, Recorder& recorder)
    : capture_(capture),
      converter_(converter),
      recorder_(recorder),
      goroutines_(recorder.goroutines()),
      queues_(capture.streams.size()),
      // Up to a quarter of the records of real traces wait, and looks at them are fewer than
      // records.
      patience_(64 * kPlaceCost * capture.events + 65536) {
  for (size_t i = 0; i < queues_.size(); ++i) {
    queues_[i].proc.index = capture.streams[i].p;
    queues_[i].reading.next_segment = capture.streams[i].first;
  }
}

/// The next event of a stream. False at its end.
[[gnu::always_inline]] inline bool Merge::next(Reading& reading, Record& out) const {
  for (;;) {
    if (reading.p == reading.end) {
      if (reading.next_segment == kNoSegment) return false;
      const Segment& segment = capture_.segments[reading.next_segment];
      reading = {segment.begin, segment.end, segment.next, segment.ticks};
    }
    uint64_t delta;
    if (!decode(capture_.layout, reading.p, out, delta)) continue;
    reading.ticks = later(reading.ticks, delta);
    out.ticks = reading.ticks;
    return true;
  }
}

/// A goroutine, made if there is none: then it is not created yet.
inline GoRecord* Merge::goroutine(uint64_t id) {
  if (GoRecord* known = goroutines_.record(id)) [[likely]]
    return known;
  GoRecord& g = goroutines_.insert(id);
  if (g.slot >= turns_.size()) turns_.resize(g.slot + size_t{1});
  turns_[g.slot] = {};
  return &g;
}

/// Whose state decides about the head.
inline void Merge::find_subject(Queue& q) {
  q.subject = kRules[q.head.type].who == Rule::kArgument ? goroutine(q.head.args[0]) : q.proc.g;
}

/// Whether the head may come next. Asked again when its turn comes: by then another record may have
/// changed its goroutine.
inline bool Merge::ready(const Queue& q) const {
  const Record& r = q.head;
  const Rule& rule = kRules[r.type];
  if (rule.who == Rule::kNobody) return true;
  if (rule.who == Rule::kGc) return r.args[0] == gc_seq_;
  if (q.subject == nullptr) return false;
  // The record of a goroutine that ended may be another's now.
  if (rule.who == Rule::kArgument && q.subject->id != r.args[0]) return false;
  const Turn& turn = turns_[q.subject->slot];
  if (turn.status != rule.from) return false;
  switch (rule.seq) {
    case Rule::kAny:
      return true;
    case Rule::kIs0:
      return turn.seq == 0;
    case Rule::kIs1:
      return turn.seq == 1;
    case Rule::kIsArgument:
      break;
  }
  return turn.seq == r.args[1];
}

/// What the head changes.
inline void Merge::turn(Queue& q) {
  const Rule& rule = kRules[q.head.type];
  if (rule.who == Rule::kGc) ++gc_seq_;
  if (rule.who != Rule::kArgument && rule.who != Rule::kCurrent) return;
  Turn& turn = turns_[q.subject->slot];
  turn.status = rule.to;
  turn.seq += rule.counts;
}

/// Whether the queue is out of available_: its head is ready and gets into the heap, or it has come
/// to its end. Else it is known what it waits for.
bool Merge::place(Available& a) {
  if (a.queue == kSamples) {
    if (next_sample_ < capture_.samples.size())
      heap_.push({capture_.samples[next_sample_].ticks, kSamples});
    return true;
  }
  Queue& q = queues_[a.queue];
  if (a.waits_for == kNew && !next(q.reading, q.head)) return true;
  find_subject(q);
  if (ready(q)) {
    heap_.push({q.head.ticks, a.queue});
    return true;
  }
  const Rule& rule = kRules[q.head.type];
  a.waits_for = kForever;
  if (rule.who == Rule::kGc) {
    a.waits_for = kGc;
    gc_awaited_ = true;
  } else if (q.subject != nullptr) {  // else it needs a goroutine where none is
    a.waits_for = q.subject->slot;
    turns_[q.subject->slot].awaited = true;
  }
  return false;
}

/// Looks at all available queues that are new or wait for `changed`.
bool Merge::fill(uint32_t changed) {
  for (size_t i = 0; i < available_.size();) {
    Available& a = available_[i];
    const bool look = a.waits_for == kNew || a.waits_for == changed;
    const uint64_t cost = a.waits_for == kNew ? 0 : look ? kPlaceCost : 1;
    if (patience_ < cost)
      return fail(queues_[a.queue].head.at, queues_[a.queue].head.type,
                  "more Ps wait for others than in any real trace");
    patience_ -= cost;
    if (look && place(a)) {
      available_[i] = available_.back();
      available_.pop_back();
    } else {
      ++i;
    }
  }
  return true;
}

/// After the head of `queue` was taken, which changed the state of the goroutine `changed` (kGc;
/// kForever: of none): whatever is ready now gets into the heap.
bool Merge::refill(uint32_t queue, uint32_t changed) {
  bool* awaited = nullptr;
  if (changed == kGc) awaited = &gc_awaited_;
  if (changed < kNew) awaited = &turns_[changed].awaited;
  Available taken{queue, kNew};
  if (awaited == nullptr || !*awaited) [[likely]] {
    if (!place(taken)) available_.push_back(taken);
    return true;
  }
  *awaited = false;
  available_.push_back(taken);
  return fill(changed);
}

/// Whether the P of the GoSysCall at the head is taken away before the syscall ends. Then
/// GoSysBlock is the next event of that goroutine, which can only be in the same stream; what is
/// skipped belongs to other goroutines, and is never skipped twice.
bool Merge::syscall_blocks(const Queue& q) const {
  Reading reading = q.reading;
  Record r = {};
  while (next(reading, r)) {
    const bool other = (r.type == kGoSysExit || r.type == kGoWaiting || r.type == kGoInSyscall) &&
                       r.args[0] != q.proc.g->id;
    if (!other) return r.type == kGoSysBlock;
  }
  return false;
}

/// Tracing begins with the world stopped: one P announces all goroutines, starts, goes on with the
/// one that runs on it, and tells GOMAXPROCS. Who is not announced as waiting is runnable. What is
/// announced otherwise later on is a contradiction, which is found then.
void Merge::foretell(const Queue& q) {
  std::vector<uint64_t> created;
  std::unordered_map<uint64_t, GoState, IdHash> states;
  const auto turn = [&states](uint64_t id, GoState to) {
    const auto it = states.find(id);
    return it != states.end() && std::exchange(it->second, to) == GoState::kRunnable;
  };
  Reading reading = q.reading;
  std::optional<Record> started;
  Context ctx{kNoThread, q.proc.index, kNoGo};
  Record r = {};
  bool sound = true;
  while (sound && next(reading, r)) {
    switch (r.type) {
      case kGoCreate:
        created.push_back(r.args[0]);
        sound = r.args[0] != 0 && states.try_emplace(r.args[0], GoState::kRunnable).second;
        break;
      case kGoWaiting:
        sound = turn(r.args[0], GoState::kWaiting);
        break;
      case kGoInSyscall:
        sound = turn(r.args[0], GoState::kSyscall);
        break;
      case kProcStart:
        started = r;
        break;
      case kGoStart:
      case kGoStartLocal:
      case kGoStartLabel:
        sound = turn(r.args[0], GoState::kRunning);
        break;
      case kGomaxprocs:
        if (created.empty()) return;
        recorder_.foretell_gomaxprocs(ctx, r.args[0]);
        for (const uint64_t id : created) {
          if (recorder_.full()) return;
          const GoState state = states.at(id);
          // The others are announced before the P has a thread.
          ctx.m = started && state == GoState::kRunning ? converter_.thread(*started) : kNoThread;
          recorder_.foretell(ctx, *goroutine(id), state, 0);
        }
        return;
      case kProcStop:
      case kGoEnd:
      case kGoStop:
        return;
      default:
        sound = kRules[r.type].who == Rule::kNobody || kRules[r.type].who == Rule::kGc;
        break;
    }
  }
}

std::optional<Fault> Merge::run() {
  for (const Queue& q : queues_) foretell(q);
  for (uint32_t i = 0; i < queues_.size(); ++i) available_.push_back({i, kNew});
  available_.push_back({kSamples, kNew});
  fill(kNew);
  while (!heap_.empty() && !recorder_.stopped()) {
    if (heap_[0].queue != kSamples) {
      if (!step()) return fault_;
      continue;
    }
    // Behind the last merged record samples are known to come next only if no record waits.
    if (heap_.size() == 1 && !available_.empty() && heap_[0].ticks > last_ticks_) break;
    if (!end_syscalls_before(heap_[0].ticks)) return fault_;
    if (heap_[0].ticks > limit_ticks_) {
      fail(capture_.samples[next_sample_].record, kCPUSample, kOutOfRange);
      return fault_;
    }
    sample();
  }
  if (recorder_.stopped()) return std::nullopt;
  fail_stuck();
  // As with samples; and what is found first is what went wrong.
  const std::optional<Fault> stuck = std::exchange(fault_, {});
  const uint64_t last = stuck ? last_ticks_ : ~uint64_t{0};
  if (end_syscalls_before(last)) end_syscalls_at(last);
  return stuck ? stuck : fault_;
}

bool Merge::step() {
  const uint32_t index = heap_[0].queue;
  Queue& q = queues_[index];
  const Record& r = q.head;
  if (r.ticks < last_ticks_)
    return fail(r.at, r.type, "time runs backwards: the clocks of this machine disagree");
  if (r.ticks > limit_ticks_) return fail(r.at, r.type, kOutOfRange);
  if (!end_syscalls_before(r.ticks)) return false;
  if (recorder_.full())
    return fail(r.at, r.type,
                "there is no memory left to remember more goroutines, tasks or regions");
  // Something else may have changed its goroutine since it was found ready.
  if (!ready(q)) return fail(r.at, r.type, "two records claim the same change of a goroutine");
  reach(r.ticks);
  turn(q);
  const Rule& rule = kRules[r.type];
  const uint8_t type = r.type;
  if (type == kGoSysExit || type == kGoSysExitLocal) {
    if (!step_exit(q)) return false;
  } else {
    const bool blocks = type == kGoSysCall && q.proc.g != nullptr && syscall_blocks(q);
    if (!converter_.convert(r, q.proc, q.subject, blocks))
      return fail(r.at, type, converter_.why());
  }
  ++done_;
  uint32_t changed = rule.who == Rule::kGc ? kGc : kForever;
  if (rule.who == Rule::kArgument || rule.who == Rule::kCurrent || type == kGoEnd)
    changed = q.subject->slot;
  // Nothing may follow the end of a goroutine, and no record is ready for this.
  if (type == kGoEnd) turns_[changed].status = Status::kDead;
  heap_.pop();
  return refill(index, changed);
}

/// The sample at the heap's top.
void Merge::sample() {
  const Displaced& d = capture_.samples[next_sample_++];
  Record r = {};
  const uint8_t* p = d.record;
  uint64_t delta;
  decode(capture_.layout, p, r, delta);
  r.ticks = d.ticks;
  reach(d.ticks);
  // Its first argument is the time.
  converter_.sample(r);
  heap_.pop();
  refill(kSamples, kForever);
}

/// The end of a syscall where it was written. If it has a time of its own it has taken place,
/// unless that cannot be; nor may it have been known then, in a capture that is cut, that one had
/// begun.
bool Merge::step_exit(Queue& q) {
  const Record& r = q.head;
  const uint64_t ts = exit_ticks(r);
  const bool displaced = ts != 0 && ts != r.ticks;
  const GoState state = q.subject->state;
  if (displaced && (state == GoState::kRunnable || (capture_.cut && state != GoState::kSyscall)))
    return true;
  if (!converter_.convert(r, q.proc, q.subject, false)) return fail(r.at, r.type, converter_.why());
  if (!displaced || (capture_.cut && ts < r.ticks)) return true;
  if (misplaced_exits_++ == 0) {
    misplaced_ =
        Fault{.kind = FaultKind::kInvalid,
              .message = "a syscall cannot have ended at tick " + std::to_string(ts) +
                         ": it ends where that was written, at tick " + std::to_string(r.ticks),
              .offset = capture_.offset_of(r.at),
              .event = wire_spec(r.type).name,
              .field = "ts"};
  }
  return !converter_.strict() || fail(r.at, r.type, misplaced_->message);
}

const std::optional<Fault>& Merge::misplaced_exits() {
  if (misplaced_)
    misplaced_->lost.rest = "the real ends of " + counted(misplaced_exits_, "syscall");
  return misplaced_;
}

/// Something takes place at that time.
void Merge::reach(uint64_t ticks) {
  last_ticks_ = std::max(last_ticks_, ticks);
  if (begun_) return;
  begun_ = true;
  first_ticks_ = ticks;
  converter_.begin(ticks);
  limit_ticks_ = converter_.last_ticks();
}

/// Syscalls end behind all else of the same time.
bool Merge::end_syscalls_before(uint64_t ticks) {
  while (next_exit_ < capture_.exits.size() && capture_.exits[next_exit_].ticks < ticks)
    if (!end_syscall(capture_.exits[next_exit_++])) return false;
  return true;
}

void Merge::end_syscalls_at(uint64_t ticks) {
  while (next_exit_ < capture_.exits.size() && capture_.exits[next_exit_].ticks == ticks)
    if (!end_syscall(capture_.exits[next_exit_++])) return;
}

bool Merge::end_syscall(const Displaced& d) {
  Record r = {};
  const uint8_t* p = d.record;
  uint64_t delta;
  decode(capture_.layout, p, r, delta);
  GoRecord* g = goroutines_.record(r.args[0]);
  // It was blocked, and the record that says that it no longer is comes later. Else this is no time
  // at which it can end, and it does where it was written: step_exit().
  if (g == nullptr || g->state != GoState::kSyscall || turns_[g->slot].status != Status::kWaiting)
    return true;
  if (!converter_.syscall_exit(d.ticks, *g)) return fail(d.record, r.type, converter_.why());
  return true;
}

/// What was not merged, and when it was.
Loss Merge::lost() {
  Loss loss;
  loss.events = capture_.events - done_;
  uint64_t first = ~uint64_t{0}, last = 0;
  const auto see = [&](uint64_t ticks) {
    first = std::min(first, ticks);
    last = std::max(last, ticks);
  };
  for (const HeapItem& item : heap_)
    if (item.queue != kSamples) see(queues_[item.queue].head.ticks);
  for (const Available& a : available_)
    if (a.queue != kSamples && a.waits_for != kNew) see(queues_[a.queue].head.ticks);
  for (Queue& q : queues_)
    while (next(q.reading, q.head)) see(q.head.ticks);
  for (size_t i = next_sample_; i < capture_.samples.size(); ++i) see(capture_.samples[i].ticks);
  if (!begun_ || last < first_ticks_ || last > limit_ticks_) return loss;
  const auto time = [&](uint64_t ticks) { return recorder_.relative(converter_.time_of(ticks)); };
  loss.between(time(std::max(first, first_ticks_)), time(last));
  return loss;
}

bool Merge::fail(const uint8_t* at, uint8_t type, std::string why) {
  fault_ = Fault{recorder_.full() ? FaultKind::kUnsupported : FaultKind::kInvalid,
                 std::move(why),
                 capture_.offset_of(at),
                 {},
                 {},
                 wire_spec(type).name,
                 {},
                 lost()};
  return false;
}

/// If records are left of which none is ready, tells about the earliest one.
void Merge::fail_stuck() {
  const Queue* first = nullptr;
  for (const Available& a : available_) {
    const Queue& q = queues_[a.queue];
    if (first == nullptr || q.head.ticks < first->head.ticks) first = &q;
  }
  if (first == nullptr) return;
  const Record& r = first->head;
  const Rule& rule = kRules[r.type];
  std::string why = "no order of the remaining events is consistent: ";
  if (rule.who == Rule::kGc) {
    why += "GC " + std::to_string(gc_seq_) + " never begins";
  } else if (rule.who == Rule::kCurrent) {
    why += "no goroutine runs on this P";
  } else {
    why += "goroutine " + std::to_string(r.args[0]) + " never gets into the state it needs";
  }
  fail(r.at, r.type, std::move(why));
  starved_ = true;
}

}  // namespace tracetool::v1

// Allocations and frees one by one, where the capture records them (GODEBUG=traceallocfree=1).
#include "analyses/engine/pass.h"
#include "analyses/passes/allocs/alloc_account.h"
#include "analyses/passes/allocs/alloc_tables.h"
#include "parser/model/heap_units.h"

namespace tracetool {
namespace {

class AllocsPass final : public Pass {
 public:
  explicit AllocsPass(const RunContext& context)
      : context_(context), account_(context.goroutines) {}

  void block(const Block& block) override {
    if (!block.has(EventKind::kExperimental, EventKind::kSync, EventKind::kGap) &&
        begin_ != kNever && !any_)
      return;
    for (const uint16_t at : block.rare_positions()) event(block.events[at]);
    if (!any_) return;
    for (const uint16_t at : block.ended_positions()) account_.ended(block.events[at].subject);
  }

  void finish(const Capture& capture, Report& report) override {
    if (begin_ != kNever) account_.finish(std::max(last_, capture.end));
    add_alloc_tables({context_.tables, account_, capture.length(),
                      context_.goroutines.filter().active(), context_.scoped},
                     report);
  }

 private:
  void event(const Event& e) {
    if (begin_ == kNever) {
      begin_ = e.time;
      account_.begin(e.time);
    }
    const bool outside = e.flags & kFlagOutside;
    if (outside && e.time > begin_) return;  // behind the time window
    last_ = e.time;
    switch (e.kind) {
      case EventKind::kSync:
        if (e.subject != 0) {
          const HeapUnits units = HeapUnits::unpacked(e.subject);
          account_.units(units.page_bytes, units.object_align);
        }
        return;
      case EventKind::kGap:
        return account_.gap(e.time);
      case EventKind::kExperimental:
        any_ = true;
        return account_.event(e, outside);
      default:
        return;
    }
  }

  const RunContext context_;
  AllocAccount account_;
  bool any_ = false;
  int64_t begin_ = kNever, last_ = 0;
};

}  // namespace

extern const PassInfo allocs_pass{
    "allocs",
    "allocations and frees by type and by who allocates, live objects, goroutine stacks",
    "Every object that was allocated or freed, of captures that record them: run the program with\n"
    "GODEBUG=traceallocfree=1 (Go 1.23 and later; it makes captures much larger). Objects and "
    "bytes\n"
    "by type, by the function in which the goroutine that allocated began, and by size; what is\n"
    "live at the end; the memory of goroutine stacks; and all that over time. What existed before\n"
    "the capture is kept apart. These events have no stack, so the line that allocates is not "
    "told.\n"
    "\n"
    "Examples:\n"
    "  tracetool allocs trace.out\n"
    "  tracetool allocs trace.out --from 1s --to 2s --sort live_bytes\n"
    "  tracetool allocs trace.out --function main.serve --table alloc_types\n",
    {},
    [](const RunContext& context, const PassOptions&, std::string&) -> std::unique_ptr<Pass> {
      return std::make_unique<AllocsPass>(context);
    },
    1,
    39,
    Filters::kGoroutines};

}  // namespace tracetool

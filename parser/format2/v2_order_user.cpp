// Order's rules for what the program says of its own work: tasks, regions, logs. It may contradict
// itself without harm to anything else (annotations.h).
#include "parser/format2/v2_order_hot.h"

namespace tracetool {
namespace {

/// Where an event has its name and its stack.
struct Layout {
  EventKind kind;
  int name;  // -1: it has none
  size_t stack;
};

Layout layout_of(uint8_t type) {
  switch (type) {
    case kWireUserTaskBegin:
      return {EventKind::kTaskBegin, 2, 3};
    case kWireUserTaskEnd:
      return {EventKind::kTaskEnd, -1, 1};
    case kWireUserRegionBegin:
      return {EventKind::kRegionBegin, 1, 2};
    case kWireUserRegionEnd:
      return {EventKind::kRegionEnd, 1, 2};
    default:
      return {EventKind::kLog, 1, 3};
  }
}

}  // namespace

bool Order::tolerate(const Cursor& c, AnnotationRule rule, std::string why) {
  why_ = std::move(why);
  if (strict_) return false;
  if (annotation_faults_.first(rule))
    annotation_faults_.add(rule, fault_at(c, why_, FaultKind::kInvalid));
  return true;
}

bool Order::annotation_ids(const Cursor& c, uint64_t string, StringId& name, uint64_t stack,
                           StackId& out) {
  const auto lacks = [&](StringId known) {
    return tolerate(
        c, AnnotationRule::kName,
        describe_annotation(tables_, layout_of(c.type).kind, c.args[0], known) + ", but " + why_);
  };
  if (!ids(string, name, 0, out)) {
    if (!lacks(0)) return false;
    name = tables_.intern(kLostName);
  }
  if (ids(stack, out)) return true;
  out = 0;
  return lacks(name);
}

Order::Step Order::annotation(Cursor& c, Context ctx) {
  const Layout layout = layout_of(c.type);
  const uint64_t task = c.args[0];
  StringId name = 0;
  StackId stack = 0;
  if (!annotation_ids(c, layout.name < 0 ? 0 : c.args[static_cast<size_t>(layout.name)], name,
                      c.args[layout.stack], stack))
    return Step::kBad;
  const auto unsound = [&](AnnotationRule rule, std::string why) {
    if (!tolerate(c, rule, std::move(why))) return Step::kBad;
    recorder_.unsound(c.time, ctx, layout.kind, task, name, stack);
    return Step::kOk;
  };
  if (ctx.p == kNoProc || ctx.g == kNoGo)
    return unsound(AnnotationRule::kNobody,
                   describe_annotation(tables_, layout.kind, task, name) + kByNobody);
  switch (layout.kind) {
    case EventKind::kTaskBegin:
      if (recorder_.task_open(task))
        return unsound(AnnotationRule::kTaskTwice,
                       describe_annotation(tables_, layout.kind, task, name) + kWhileOpen);
      if (recorder_.full()) return no_room();
      recorder_.task_begin(c.time, ctx, task, c.args[1] == 0 ? kNoTask : c.args[1], name, stack);
      return Step::kOk;
    case EventKind::kTaskEnd:
      recorder_.task_end(c.time, ctx, task, stack);
      return Step::kOk;
    case EventKind::kRegionBegin:
      if (recorder_.full()) return no_room();
      recorder_.region_begin(c.time, ctx, task, name, stack);
      return Step::kOk;
    case EventKind::kRegionEnd: {
      RegionEndJudgement end = judge_region_end(recorder_, tables_, ctx.g, task, name);
      if (!end.why.empty() && end.rule == AnnotationRule::kRegionEnd)
        return unsound(end.rule, std::move(end.why));
      if (!end.why.empty() && !tolerate(c, end.rule, std::move(end.why))) return Step::kBad;
      recorder_.region_end(c.time, ctx, task, name, stack);
      return Step::kOk;
    }
    default:
      return log(c, ctx, name, stack);
  }
}

Order::Step Order::log(Cursor& c, Context ctx, StringId category, StackId stack) {
  auto message = generation_->text(c.args[2]);
  if (!message) {
    if (missing_string(c.args[2]) == Generation::kDangling &&
        !tolerate(
            c, AnnotationRule::kName,
            describe_annotation(tables_, EventKind::kLog, c.args[0], category) + ", but " + why_))
      return Step::kBad;
    message = kLostName;
  }
  recorder_.log(c.time, ctx, c.args[0], category, *message, stack);
  return Step::kOk;
}

}  // namespace tracetool

// Follows one stop of the world from its request to its end, and how it spread over the Ps.
#pragma once

#include <vector>

#include "analyses/engine/goroutine_index.h"
#include "analyses/go/gc_names.h"
#include "parser/model/event.h"

namespace tracetool {

/// Whoever ran last while the world was to stop.
struct LastRunner {
  uint64_t goroutine = 0;
  StringId group = 0;
  StackId stack = 0;
  bool known = false;
};

struct Stop {
  int64_t begin = 0, duration = 0;
  StringId kind = 0;
  GoSlot requester = kNoGo;
  StackId stack = 0;
  /// From the request until nobody else ran; from the first that ran again until the end.
  int64_t stopping = 0, resuming = 0;
  bool spread_known = false;
  bool open = false;  // the capture ends in it
  LastRunner last;    // who it waited for
  int64_t stopped() const { return duration - stopping - resuming; }
};

class StopWatch {
 public:
  StopWatch(const Tables& tables, const GoroutineIndex& goroutines)
      : tables_(tables), names_(tables), goroutines_(goroutines) {}

  bool waiting() const { return request_.on; }
  void go(const Event& e);
  void proc(const Event& e);
  void metric(const Event& e);
  void range_begin(const Event& e);
  /// True if a stop ended, which `stop` then is.
  bool range_end(const Event& e, Stop& stop);
  void forget();

 private:
  struct Request {
    bool on = false;
    bool told = false;  // GOMAXPROCS was written: the world is stopped by now
    int64_t begin = 0, alone_since = kNever, stopped_at = kNever, resumed_at = kNever;
    ProcIndex p = kNoProc;
    LastRunner candidate, last;
  };

  bool alone() const { return busy_ == 1 && request_.p < running_.size() && running_[request_.p]; }
  bool begins_stopped(StringId kind) const {
    return tables_.string(kind).find("start trace") != std::string_view::npos;
  }

  const Tables& tables_;
  GcNames names_;
  const GoroutineIndex& goroutines_;
  std::vector<uint8_t> running_;  // by proc
  uint32_t busy_ = 0;
  Request request_;
  /// By proc: who left it last, and during which request.
  struct Left {
    LastRunner who;
    uint64_t request = 0;
  };
  std::vector<Left> left_;
  uint64_t requests_ = 0;
};

}  // namespace tracetool

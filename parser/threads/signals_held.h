// Signals that wait for a while.
#pragma once

#include <pthread.h>

#include <csignal>

namespace tracetool {

/// The calling thread, and those that it starts, get none of these signals as long as this lives.
class SignalsHeld {
 public:
  explicit SignalsHeld(const sigset_t& signals) {
    ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace tracetool

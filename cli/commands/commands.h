// What the commands do.
#pragma once

#include "cli/options/invocation.h"

namespace tracetool {

int run_analyze(const Invocation& invocation, Io& io);
int run_findings(const Invocation& invocation, Io& io);
int run_pass(const Invocation& invocation, Io& io);
int run_info(const Invocation& invocation, Io& io);
int run_metrics(const Invocation& invocation, Io& io);
int run_diff(const Invocation& invocation, Io& io);
int run_many(const Invocation& invocation, Io& io);
int run_check(const Invocation& invocation, Io& io);
int run_events(const Invocation& invocation, Io& io);
int run_intervals(const Invocation& invocation, Io& io);

}  // namespace tracetool

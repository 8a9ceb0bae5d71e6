// The tables of the allocs pass.
#pragma once

#include "analyses/passes/allocs/alloc_account.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

struct AllocResults {
  const Tables& tables;
  const AllocAccount& account;
  int64_t length;
  bool filtered;  // only some goroutines are wanted
  bool scoped;    // by task or region, which does not apply
};

void add_alloc_tables(const AllocResults& results, Report& report);

}  // namespace tracetool

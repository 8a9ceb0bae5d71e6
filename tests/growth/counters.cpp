#include "tests/growth/counters.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

bool counting = false;
uint64_t steps = 0;
size_t live = 0, most = 0;

void* counted(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  if (counting) {
    live += malloc_usable_size(p);
    most = std::max(most, live);
  }
  return p;
}

void count_bytes(size_t n) {
  if (counting) steps += n / 8;
}

}  // namespace

void* operator new(size_t n) { return counted(std::malloc(n)); }
void* operator new(size_t n, std::align_val_t align) {
  const auto a = static_cast<size_t>(align);
  return counted(std::aligned_alloc(a, (n + a - 1) / a * a));
}
void operator delete(void* p) noexcept {
  if (counting && p != nullptr) live -= std::min(live, malloc_usable_size(p));
  std::free(p);
}
void operator delete(void* p, size_t) noexcept { operator delete(p); }
void operator delete(void* p, std::align_val_t) noexcept { operator delete(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { operator delete(p); }

extern "C" {

// Called at each basic block of what is compiled with -fsanitize-coverage=trace-pc.
void __sanitizer_cov_trace_pc();
void __sanitizer_cov_trace_pc() { steps += counting; }

// Called in place of the functions named, by -Wl,--wrap.
void* __real_memcpy(void* to, const void* from, size_t n);
void* __real_memmove(void* to, const void* from, size_t n);
void* __real_memset(void* to, int byte, size_t n);
void* __wrap_memcpy(void* to, const void* from, size_t n);
void* __wrap_memmove(void* to, const void* from, size_t n);
void* __wrap_memset(void* to, int byte, size_t n);

void* __wrap_memcpy(void* to, const void* from, size_t n) {
  count_bytes(n);
  return __real_memcpy(to, from, n);
}
void* __wrap_memmove(void* to, const void* from, size_t n) {
  count_bytes(n);
  return __real_memmove(to, from, n);
}
void* __wrap_memset(void* to, int byte, size_t n) {
  count_bytes(n);
  return __real_memset(to, byte, n);
}

}  // extern "C"

namespace tracetool::test {

Counting::Counting() { counting = true; }
Counting::~Counting() { counting = false; }

void reset_cost() {
  steps = 0;
  live = most = 0;
}
Cost cost() { return {steps, most}; }

}  // namespace tracetool::test

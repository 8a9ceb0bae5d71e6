#include "parser/go_table.h"

#include <algorithm>

namespace tracetool {

GoTable::Page* GoTable::find_page(uint64_t number) {
  const auto it = directory_.find(number);
  if (it == directory_.end()) return nullptr;
  return cache_[number % kCached] = it->second.get();
}

GoTable::Page& GoTable::make_page(uint64_t number) {
  std::unique_ptr<Page> page;
  if (spare_.empty()) {
    page = std::make_unique<Page>();
  } else {
    // A page that became empty has only nullptr in it.
    page = std::move(spare_.back());
    spare_.pop_back();
  }
  page->number = number;
  page->count = 0;
  cache_[number % kCached] = page.get();
  return *(directory_[number] = std::move(page));
}

void GoTable::drop_page(uint64_t number) {
  const auto it = directory_.find(number);
  if (Page*& cached = cache_[number % kCached]; cached == it->second.get()) cached = &none_;
  if (spare_.size() < 64) spare_.push_back(std::move(it->second));
  directory_.erase(it);
}

std::vector<GoSlot> GoTable::live() const {
  std::vector<GoSlot> slots;
  for (GoSlot s = 0; s < used_; ++s) {
    if ((*this)[s].flags & kGoAlive) slots.push_back(s);
  }
  std::ranges::sort(slots, {}, [this](GoSlot s) { return (*this)[s].id; });
  return slots;
}

}  // namespace tracetool

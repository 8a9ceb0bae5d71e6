#include "parser/record/go_table.h"

#include <algorithm>

namespace tracetool {

void GoTable::add_chunk() {
  chunks_.push_back(std::make_unique<GoRecord[]>(kChunk));
  if (budget_ != nullptr) budget_->take(kChunk * sizeof(GoRecord));
}

GoTable::Page* GoTable::find_page(uint64_t number) {
  const auto it = directory_.find(number);
  if (it == directory_.end()) return nullptr;
  return cache_[number % kCached] = it->second.get();
}

GoTable::Page& GoTable::make_page(uint64_t number) {
  std::unique_ptr<Page> page;
  if (spare_.empty()) {
    page = std::make_unique<Page>();
    if (budget_ != nullptr) budget_->take(sizeof(Page));
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
  if (spare_.size() < 64) {
    spare_.push_back(std::move(it->second));
  } else if (budget_ != nullptr) {
    budget_->give(sizeof(Page));
  }
  directory_.erase(it);
}

std::vector<GoSlot> GoTable::live() const {
  std::vector<const Page*> pages;
  pages.reserve(directory_.size());
  for (const auto& [number, page] : directory_) pages.push_back(page.get());
  std::ranges::sort(pages, {}, &Page::number);
  std::vector<GoSlot> slots;
  for (const Page* page : pages) {
    for (const GoRecord* g : page->records)
      if (g != nullptr) slots.push_back(g->slot);
  }
  return slots;
}

}  // namespace tracetool

#include "parser/model/wire_version.h"

#include <algorithm>
#include <string>

namespace tracetool {

const WireVersion* wire_version(int number) {
  const auto versions = wire_versions();
  const auto found = std::ranges::find(versions, number, &WireVersion::number);
  return found == versions.end() ? nullptr : &*found;
}

const char* releases_of(int number) {
  const WireVersion* version = wire_version(number);
  return version == nullptr ? nullptr : version->releases;
}

int header_number(std::span<const uint8_t> bytes) {
  if (bytes.size() < kHeaderBytes) return -1;
  std::string text(reinterpret_cast<const char*>(bytes.data()), kHeaderBytes);
  if (!text.starts_with("go 1.")) return -1;
  size_t i = 5;
  int n = 0;
  for (; i < 8 && text[i] >= '0' && text[i] <= '9'; ++i) n = n * 10 + (text[i] - '0');
  const std::string tail = text.substr(i);
  if (i == 5 || text[5] == '0') return -1;
  return tail == std::string(" trace") + std::string(kHeaderBytes - i - 6, '\0') ? n : -1;
}

int version_of_header(std::span<const uint8_t> bytes) {
  const int number = header_number(bytes);
  return wire_version(number) == nullptr ? -1 : number;
}

}  // namespace tracetool

// What people hand to a trace analyzer by mistake, told by its first bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tracetool {

/// What a file that is no trace looks like, as a sentence with advice; for its first bytes.
std::string describe_lookalike(std::span<const uint8_t> head);
/// Whether what begins like a trace was taken for text in UTF-8 and written anew.
bool is_recoded(std::string_view head);
/// Whether a person can read it.
bool is_text(std::string_view bytes);
/// "123 bytes of text: "its first line"".
std::string describe_text(std::string_view text);

}  // namespace tracetool

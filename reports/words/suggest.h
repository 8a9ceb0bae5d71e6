// Names in messages: lists of them, and "did you mean …?" for what a user typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tracetool {

/// "a, b, c"
std::string joined(const std::vector<std::string>& words, std::string_view between = ", ");

/// Up to three candidates that `word` may have been meant as, the nearest first; none when nothing
/// is near. Upper and lower case are the same here.
std::vector<std::string> closest(std::string_view word, const std::vector<std::string>& candidates);

/// `; did you mean "a" or "b"?`, or "" without a likely candidate.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tracetool

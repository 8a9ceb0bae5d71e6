// What a stack tells at a glance: whose code it is in, below the standard library's plumbing.
#pragma once

#include <string_view>

#include "parser/model/tables.h"

namespace tracetool {

/// Import path of a function's package: "net/http" of "net/http.(*conn).serve".
std::string_view package_of(std::string_view function);

/// A package through which waits and system calls merely pass: runtime, sync, syscall, internal/…,
/// time, net, os, io, bufio, golang.org/x/sys/….
bool is_plumbing(std::string_view package);

/// The innermost function outside plumbing, or the outermost one if there is none; "" for stack 0.
std::string_view caller_in(const Tables& tables, StackId stack);

}  // namespace tracetool

// A file that is written as a whole or not at all.
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>

#include "cli/io/fd_stream.h"

struct stat;

namespace tracetool {

/// Is written beside its place and put there by finish(): an error, a signal or a full disk leave
/// what was there before. A file that no other can take the place of, as it is mounted or in a
/// folder of somebody else, is written over then. What is no regular file, such as a pipe or a
/// device, is written directly.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile() { stream_.rdbuf(nullptr); }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// What went wrong with it, as errno; 0 if nothing did.
  int error() const { return error_; }
  std::ostream& stream() { return stream_; }
  /// Puts it in its place; false if that or anything before failed.
  bool finish();

 private:
  /// The name of a file that is not finished. Without the file when it goes away, however that is.
  class Unfinished {
   public:
    Unfinished() = default;
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() { end(true); }
    void begin(const std::string& name);
    void end(bool remove);
    const std::string& name() const { return name_; }

   private:
    std::string name_;
  };

  void open();
  void open_in(const std::filesystem::path& folder, const struct stat* existing);
  void open_directly();

  std::string path_;       // behind all symbolic links
  Unfinished unfinished_;  // without a name if the file is written directly
  int error_ = 0;
  std::unique_ptr<FdBuf> buffer_;
  std::ostream stream_;
};

/// Removes what is not finished: for when the program ends at once. May be called by a signal's
/// handler.
void remove_unfinished_output();

}  // namespace tracetool

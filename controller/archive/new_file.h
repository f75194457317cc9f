// A regular file of an extraction, from its creation to its last attribute.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "controller/archive/attribute_writer.h"
#include "controller/archive/file_descriptor.h"
#include "controller/archive/tree_entry.h"

namespace controller {

/// Throws about an entry of `archive` that breaks a rule.
[[noreturn]] void refuse_entry(const std::filesystem::path& archive, const TreeEntry& entry,
                               const std::string& why);

/// Throws what errno says of making an entry: what exists already breaks a rule.
[[noreturn]] void fail_entry(const std::filesystem::path& archive, const TreeEntry& entry,
                             const std::string& what);

/// Takes away the access lists that something made in a finished directory got from it.
void forget_inherited(int fd);

/// A file that did not exist before.  For one thread at a time.
class NewFile {
 public:
  /// What the directory hands on to what is made in it.
  enum class Inheritance { Nothing, AccessLists };

  /// `name` is one component in `directory`; the others outlive this.
  NewFile(int directory, const std::string& name, const TreeEntry& entry,
          const std::filesystem::path& archive, Inheritance inheritance);

  void write(std::string_view bytes, std::uint64_t offset);

  /// Sets its size, owner, mode, attributes and times.
  void finish(AttributeWriter& attributes);

 private:
  const TreeEntry& entry_;
  Inheritance inheritance_;
  FileDescriptor file_;
  std::uint64_t end_ = 0;
};

}  // namespace controller

// Bytes to store, with the digests that are sent along.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "controller/archive/file_descriptor.h"
#include "controller/archive/sha256.h"
#include "controller/remote/object_store.h"

namespace controller {

/// A short text as an object.
ObjectBody text_body(std::string text);

/// A file whose parts are sent.
struct OpenFile {
  FileDescriptor descriptor;
  std::filesystem::path path;  // for messages
};

/// `size` bytes of the file from `offset`: read once now, for their digests and to go on with
/// `whole`, and again when they are sent.  Throws IntegrityError if the file is shorter.
ObjectBody file_body(const std::shared_ptr<const OpenFile>& file, std::uint64_t offset,
                     std::uint64_t size, Sha256& whole);

}  // namespace controller

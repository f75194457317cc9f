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

/// What is sent along with a body.
enum class BodyDigests { Md5, Md5AndSha256 };

/// Where in a file.
struct FilePart {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// Those bytes of the file: read once now, for their digests and to go on with `whole`, and again
/// when they are sent.  Throws IntegrityError if the file is shorter.
ObjectBody file_body(const std::shared_ptr<const OpenFile>& file, const FilePart& part,
                     BodyDigests digests, Sha256& whole);

}  // namespace controller

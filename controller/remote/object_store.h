// A bucket: objects by key, as remote storage keeps them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "controller/remote/http_client.h"

namespace controller {

/// The destination refused, or answered what cannot be; the text says what to do.
class RemoteError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// No answer, or none but "later", however often it was asked.
class DestinationUnreachable : public RemoteError {
 public:
  using RemoteError::RemoteError;
};

/// There is no such object.
class NotThere : public RemoteError {
 public:
  using RemoteError::RemoteError;
};

/// The key may not do this.
class AccessRefused : public RemoteError {
 public:
  using RemoteError::RemoteError;
};

struct ObjectFacts {
  std::uint64_t bytes = 0;
  std::string etag;  // without quotes
};

/// What is stored: bytes and their digests, known before they are sent.
struct ObjectBody {
  HttpBody bytes;
  std::string sha256;      // hex
  std::string md5_base64;  // what Content-MD5 wants
};

/// Everything is tried again where that can help, so every call may have been carried out more than
/// once.  All throw RemoteError or one of its kinds.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Absent: there is no such object.
  virtual std::optional<ObjectFacts> facts(const std::string& key) = 0;

  /// Sizes by key of all objects whose key starts so.  A listing that is not whole throws.
  virtual std::map<std::string, std::uint64_t> list(const std::string& prefix) = 0;

  virtual void put(const std::string& key, const ObjectBody& body) = 0;

  /// The whole of an object of at most 16 MiB.  Throws NotThere.
  virtual std::string read_small(const std::string& key) = 0;

  /// One that is not there is good too.
  virtual void remove(const std::string& key) = 0;
};

}  // namespace controller

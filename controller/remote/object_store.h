// A bucket: objects by key, as remote storage keeps them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

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
  std::string sha256;      // hex; empty where the store wants none
  std::string md5;         // hex
  std::string md5_base64;  // what Content-MD5 wants
};

/// An object that is written in parts and is not there before it is completed.
struct Upload {
  std::string key;
  std::string id;

  friend bool operator==(const Upload&, const Upload&) = default;
};

/// Everything is tried again where that can help, so every call may have been carried out more than
/// once.  All throw RemoteError or one of its kinds.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Whether requests are signed with the SHA-256 of what they send.  Over TLS they are not: it
  /// guards the bytes on their way, and their MD5, which is signed, is compared where they arrive.
  [[nodiscard]] virtual bool signs_bodies() const = 0;

  /// Absent: there is no such object.
  virtual std::optional<ObjectFacts> facts(const std::string& key) = 0;

  /// Sizes by key of all objects whose key starts so.  A listing that is not whole throws.
  virtual std::map<std::string, std::uint64_t> list(const std::string& prefix) = 0;

  /// Returns its ETag.
  virtual std::string put(const std::string& key, const ObjectBody& body) = 0;

  /// The whole of an object of at most 16 MiB.  Throws NotThere.
  virtual std::string read_small(const std::string& key) = 0;

  /// Exactly `size` bytes, at most 16 MiB, at least one.  Throws NotThere.
  virtual std::string read_range(const std::string& key, std::uint64_t offset,
                                 std::size_t size) = 0;

  /// One that is not there is good too.
  virtual void remove(const std::string& key) = 0;

  /// Returns the id of a new upload.  There may be another that nobody knows, whose answer was
  /// lost.
  virtual std::string begin_upload(const std::string& key) = 0;

  /// Parts are counted from 1; each but the last has at least 5 MiB.  Returns its ETag.  Throws
  /// NotThere if there is no such upload.
  virtual std::string put_part(const Upload& upload, int number, const ObjectBody& body) = 0;

  /// What was put so far.  Throws NotThere if there is no such upload.
  virtual std::map<int, ObjectFacts> parts(const Upload& upload) = 0;

  /// Makes the object of parts 1, 2, … that have these ETags.  Throws NotThere if there is no such
  /// upload: it may have been completed by a request whose answer was lost.
  virtual void complete_upload(const Upload& upload, const std::vector<std::string>& etags) = 0;

  /// One that is not there is good too.
  virtual void abort_upload(const Upload& upload) = 0;

  /// Those begun and neither completed nor aborted whose key starts so.
  virtual std::vector<Upload> uploads(const std::string& prefix) = 0;
};

}  // namespace controller

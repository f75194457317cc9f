// One client's connection, and what it may take of our time and memory.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "controller/api/slow_clients.h"
#include "controller/archive/file_descriptor.h"

namespace controller {

/// Of one request.
struct RequestLimits {
  std::size_t head_bytes = std::size_t{32} << 10;
  std::chrono::milliseconds head_time{10'000};   // from when a worker takes it up to the head's end
  std::chrono::milliseconds body_time{30'000};   // from there to the body's end
  std::chrono::milliseconds write_time{30'000};  // in which a client must take something of ours
};

/// What became of a request's head.
/// Ended also where nothing ever came: whoever only connects ahead of time asks nothing.
enum class HeadRead { kWhole, kTooLarge, kTooLate, kEnded };

/// An address of the connection, in numbers.
struct ConnectionEnd {
  std::string address;
  int port = 0;
};

/// Reads ahead.  What has come beyond the request is thrown away at the end.
class Connection {
 public:
  /// Owns `socket`, which is connected; `clients` must outlive it.
  Connection(int socket, const RequestLimits& limits, SlowClients& clients);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Reads up to the empty line that ends a head; read() gives it afterwards.  To be called once,
  /// before anything else.
  [[nodiscard]] HeadRead read_head();

  /// 0 at the end of what the client sends; -1 when it failed or the time is up.
  ssize_t read(char* to, std::size_t size);

  /// Of a part of it, how much; -1 when it failed, or the client took nothing for too long.
  ssize_t write(const char* from, std::size_t size);

  /// All of it, or false.
  bool write_all(std::string_view bytes);

  /// Whether the client is there and takes something; waits for that as write() does.
  [[nodiscard]] bool is_writable() const;

  [[nodiscard]] int socket() const { return socket_.fd(); }
  [[nodiscard]] ConnectionEnd remote() const;
  [[nodiscard]] ConnectionEnd local() const;

 private:
  ssize_t receive(char* to, std::size_t size);

  const FileDescriptor socket_;
  const RequestLimits limits_;
  SlowClients::Time deadline_;  // of what is read at present
  mutable SlowClients::Client client_;
  std::string ahead_;
  std::size_t given_ = 0;  // of `ahead_`
};

}  // namespace controller

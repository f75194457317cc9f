#include "controller/api/bounded_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <functional>
#include <string>
#include <utility>

#include "controller/api/http_status.h"
#include "controller/api/problem.h"
#include "controller/api/worker_pool.h"

namespace controller {

namespace {

constexpr std::size_t kMostWorkers = 96;
constexpr int kBacklog = 256;

/// Workers that wait for their clients are taken from these when others come and all work.
class Workers : public httplib::TaskQueue {
 public:
  explicit Workers(SlowClients& clients) : clients_(clients) {}

  // Older versions of the library do not ask whether the work was taken.
  using Taken = decltype(std::declval<httplib::TaskQueue&>().enqueue(std::function<void()>()));

  Taken enqueue(std::function<void()> work) override {
    pool_.add(std::move(work));
    if (pool_.short_of() > 0) {
      clients_.drop_oldest();
    }
    return static_cast<Taken>(true);
  }
  void shutdown() override { pool_.shut_down(); }

  /// No worker may have waited yet when work came.
  void on_idle() override { clients_.make_room(pool_.short_of()); }

 private:
  SlowClients& clients_;
  WorkerPool pool_{kMostWorkers};
};

/// The connection as the library wants to see it.
class ConnectionStream : public httplib::Stream {
 public:
  explicit ConnectionStream(Connection& connection) : connection_(connection) {}

  bool is_readable() const override { return true; }  // read() finds out
  bool is_writable() const override { return connection_.is_writable(); }
  ssize_t read(char* to, std::size_t size) override { return connection_.read(to, size); }
  ssize_t write(const char* from, std::size_t size) override {
    return connection_.write(from, size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    put(connection_.remote(), ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    put(connection_.local(), ip, port);
  }
  socket_t socket() const override { return connection_.socket(); }

 private:
  static void put(const ConnectionEnd& end, std::string& ip, int& port) {
    ip = end.address;
    port = end.port;
  }

  Connection& connection_;
};

std::string text_of(const ApiAnswer& answer) {
  return "HTTP/1.1 " + std::to_string(answer.status) + " \r\nContent-Type: " + answer.type +
         "\r\nContent-Length: " + std::to_string(answer.body.size()) +
         "\r\nConnection: close\r\n\r\n" + answer.body;
}

/// The library bounds neither a request's head nor its time.
class BoundedServer : public httplib::Server {
 public:
  BoundedServer(const RequestLimits& limits, SlowClients& clients)
      : limits_(limits), clients_(clients) {
    // Called when its socket listens already, for five only: more than that, when they come at
    // once, would have to try again after a second.
    new_task_queue = [this] {
      ::listen(svr_sock_, kBacklog);
      return new Workers(clients_);
    };
    set_idle_interval(1);
  }

 private:
  using Setup = std::function<void(httplib::Request&)>;
  // Older versions of the library ask the stream who the client is, newer ones are told.
  using OlderServe = bool (httplib::Server::*)(httplib::Stream&, bool, bool&, const Setup&);
  using Serve = bool (httplib::Server::*)(httplib::Stream&, const std::string&, int,
                                          const std::string&, int, bool, bool&, const Setup&);

  bool process_and_close_socket(socket_t socket) override {
    Connection connection(socket, limits_, clients_);
    switch (connection.read_head()) {
      case HeadRead::kWhole:
        return serve(&BoundedServer::process_request, connection);
      case HeadRead::kTooLarge:
        return refuse(connection, {http_status::kHeadTooLarge, "head-too-large",
                                   "the head of a request has " +
                                       std::to_string(limits_.head_bytes) + " bytes at most"});
      case HeadRead::kTooLate:
        return refuse(connection, {http_status::kTooLate, "too-late",
                                   "the head of the request did not come in time"});
      case HeadRead::kEnded:
        return false;
    }
    return false;
  }

  static bool refuse(Connection& connection, const ApiProblem& problem) {
    return connection.write_all(text_of(answer_of(problem)));
  }

  bool serve(OlderServe process, Connection& connection) {
    ConnectionStream stream(connection);
    bool closed = false;
    return (this->*process)(stream, true, closed, {});
  }

  bool serve(Serve process, Connection& connection) {
    ConnectionStream stream(connection);
    const auto [remote, remote_port] = connection.remote();
    const auto [local, local_port] = connection.local();
    bool closed = false;
    return (this->*process)(stream, remote, remote_port, local, local_port, true, closed, {});
  }

  const RequestLimits limits_;
  SlowClients& clients_;
};

}  // namespace

std::unique_ptr<httplib::Server> bounded_server(const RequestLimits& limits, SlowClients& clients) {
  return std::make_unique<BoundedServer>(limits, clients);
}

}  // namespace controller

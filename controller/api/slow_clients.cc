#include "controller/api/slow_clients.h"

#include <sys/socket.h>

namespace controller {

namespace {

void break_off(int socket) {
  ::shutdown(socket, SHUT_RDWR);  // fails only where it is broken off already
}

}  // namespace

SlowClients::Wait::Wait(SlowClients& clients, int socket, Time since)
    : clients_(clients), key_(since, socket) {
  const std::scoped_lock lock(clients_.mutex_);
  clients_.waited_for_.insert(key_);
  if (clients_.ending_) {
    break_off(socket);
  }
}

SlowClients::Wait::~Wait() {
  const std::scoped_lock lock(clients_.mutex_);
  clients_.waited_for_.erase(key_);
}

void SlowClients::drop_oldest() {
  const std::scoped_lock lock(mutex_);
  if (!waited_for_.empty()) {
    break_off(waited_for_.extract(waited_for_.begin()).value().second);
  }
}

void SlowClients::end() {
  const std::scoped_lock lock(mutex_);
  ending_ = true;
  for (const auto& [since, socket] : waited_for_) {
    break_off(socket);
  }
}

}  // namespace controller

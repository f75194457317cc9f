#include "controller/api/slow_clients.h"

#include <sys/socket.h>

namespace controller {

SlowClients::Client::Client(SlowClients& clients, int socket, Time since)
    : clients_(clients), key_(since, socket) {
  const std::scoped_lock lock(clients_.mutex_);
  clients_.clients_[key_] = {};
}

SlowClients::Client::~Client() {
  const std::scoped_lock lock(clients_.mutex_);
  if (clients_.clients_.at(key_).broken_off) {
    --clients_.parting_;
  }
  clients_.clients_.erase(key_);
}

SlowClients::Wait::Wait(Client& client, For what) : client_(client) {
  auto& all = client_.clients_;
  const std::scoped_lock lock(all.mutex_);
  auto& standing = all.clients_.at(client_.key_);
  (what == For::Bytes ? standing.for_bytes : standing.for_room) = true;
  if (all.ending_) {
    all.break_off(client_.key_, standing);
  }
}

SlowClients::Wait::~Wait() {
  const std::scoped_lock lock(client_.clients_.mutex_);
  auto& standing = client_.clients_.clients_.at(client_.key_);
  standing.for_bytes = standing.for_room = false;
}

bool SlowClients::Wait::broken_off() const {
  const std::scoped_lock lock(client_.clients_.mutex_);
  return client_.clients_.clients_.at(client_.key_).broken_off;
}

void SlowClients::break_off(const std::pair<Time, int>& key, Standing& standing) {
  if (!standing.broken_off) {
    standing.broken_off = true;
    ++parting_;
    ::shutdown(key.second, SHUT_RDWR);  // fails only where the client was faster
  }
}

bool SlowClients::drop_oldest_locked() {
  for (auto& [key, standing] : clients_) {
    if (standing.for_bytes && !standing.broken_off) {
      break_off(key, standing);
      return true;
    }
  }
  return false;
}

bool SlowClients::drop_oldest() {
  const std::scoped_lock lock(mutex_);
  return drop_oldest_locked();
}

void SlowClients::make_room(std::size_t workers) {
  const std::scoped_lock lock(mutex_);
  while (parting_ < workers && drop_oldest_locked()) {
  }
}

void SlowClients::end() {
  const std::scoped_lock lock(mutex_);
  ending_ = true;
  for (auto& [key, standing] : clients_) {
    if (standing.for_bytes || standing.for_room) {
      break_off(key, standing);
    }
  }
}

}  // namespace controller

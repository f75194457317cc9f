// A little language for what an engine holds, so that a test reads as the stack it is about.
//
//   volume redis cofferdam.backup=true        volume shop_redis of Compose project shop
//   external media opt:type=nfs               a volume without Compose's labels, named as it is
//   network front                             network shop_front of Compose project shop
//   outside edge                              a network without Compose's labels
//   service web rw=redis:/data needs=db:service_healthy:true
//   container probe ro=shop_redis:/data       made by hand
//
// Words of service and container: rw= ro= (VOLUME:/destination; a path binds it; a volume of the
// project by its key) image= label=NAME=VALUE env=NAME=VALUE tmpfs=/x state= health= checked net=
// ipc= pid= joins=A,B (networks, those of the project by their keys) from= (a container's name) n=
// (replica) project= autoremove oneoff task helper nohash anonymous=/destination self
#pragma once

#include <optional>
#include <random>
#include <string>

#include "compose/stack.h"

namespace compose_test {

struct Parsed {
  compose::Observation seen;
  std::optional<dockerapi::ContainerId> self;
};

/// Of project shop.  Throws std::invalid_argument for a word that it does not know.
Parsed parse(const std::string& text);

compose::Stack stack_of(const std::string& text);

/// A needs= word for service s<self> of s0 … s<count - 1>, with about two dependencies; cycles may
/// arise.
std::string random_needs(std::mt19937& random, std::size_t self, std::size_t count);

}  // namespace compose_test

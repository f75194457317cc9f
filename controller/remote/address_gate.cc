#include "controller/remote/address_gate.h"

#include <curl/curl.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>

namespace controller {

namespace {

curl_socket_t open_socket(void* cookie, curlsocktype, curl_sockaddr* address) {
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(&address->addr, address->addrlen, text.data(), text.size(), nullptr, 0,
                  NI_NUMERICHOST) != 0 ||
      !static_cast<AddressGate*>(cookie)->admits(text.data())) {
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

bool AddressGate::admits(const std::string& address) {
  const bool admitted = permits_(address);
  if (!admitted) {
    refused_ = address;
  }
  return admitted;
}

void AddressGate::guard(void* curl) {
  refused_.clear();
  if (permits_) {
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  }
}

}  // namespace controller

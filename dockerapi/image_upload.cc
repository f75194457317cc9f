#include "dockerapi/image_upload.h"

#include <array>
#include <cstdio>

#include "dockerapi/connection.h"
#include "dockerapi/error.h"
#include "dockerapi/hijack.h"
#include "dockerapi/http_message.h"

namespace dockerapi {

namespace {

void send_chunk(Connection& connection, std::string_view bytes) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  connection.write(size.data());
  connection.write(bytes);
  connection.write("\r\n");
}

void send_all(Connection& connection, const std::function<std::string_view()>& next) {
  for (auto bytes = next(); !bytes.empty(); bytes = next()) {
    send_chunk(connection, bytes);
  }
  send_chunk(connection, {});
}

}  // namespace

std::string upload(const Endpoint& endpoint, const std::string& target,
                   const std::function<std::string_view()>& next) {
  Connection connection(endpoint);
  connection.write("POST " + target +
                   " HTTP/1.1\r\n"
                   "Host: docker\r\n"
                   "Connection: close\r\n"
                   "Content-Type: application/x-tar\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n");
  try {
    send_all(connection, next);
  } catch (const Cancelled&) {
    throw;
  } catch (const Unreachable&) {
    throw;
  } catch (const Error&) {
    // It reads no more because it has already answered; the answer says why.
  }
  Response response(connection);
  constexpr int kOk = 200;
  auto body = response.read_all();
  if (response.head().status != kOk) {
    refusal("import an image", response.head().status, body);
  }
  return body;
}

}  // namespace dockerapi

#include "controller/remote/s3_address.h"

#include <stdexcept>
#include <string_view>

#include "controller/remote/sigv4.h"

namespace controller {
namespace {

constexpr std::string_view kAmazon = "amazonaws.com";

bool in_host(const Destination& destination, const S3Address& address) {
  if (destination.style != BucketStyle::Auto) {
    return destination.style == BucketStyle::VirtualHost;
  }
  // A certificate for *.host does not cover a bucket with a dot.
  return address.host.find(kAmazon) != std::string::npos &&
         destination.bucket.find('.') == std::string::npos;
}

void drop_ending(std::string& text, std::string_view ending) {
  if (text.ends_with(ending)) {
    text.resize(text.size() - ending.size());
  }
}

S3Address endpoint_address(const std::string& endpoint) {
  S3Address address{"https", endpoint, "/"};
  if (const auto mark = endpoint.find("://"); mark != std::string::npos) {
    address.scheme = endpoint.substr(0, mark);
    address.host = endpoint.substr(mark + 3);
  }
  if (const auto slash = address.host.find('/'); slash != std::string::npos) {
    address.base = address.host.substr(slash);
    address.host.resize(slash);
    address.base += address.base.ends_with('/') ? "" : "/";
  }
  if ((address.scheme != "https" && address.scheme != "http") || address.host.empty() ||
      address.host.find_first_of("@?# ") != std::string::npos) {
    throw std::invalid_argument("the endpoint must be http://HOST[:PORT] or https://HOST[:PORT]");
  }
  // What HTTP clients leave out of the header Host, which is signed.
  drop_ending(address.host, address.scheme == "https" ? ":443" : ":80");
  return address;
}

}  // namespace

S3Address s3_address(const Destination& destination) {
  auto address = endpoint_address(
      destination.endpoint.empty() ? "https://s3." + destination.region + "." + std::string(kAmazon)
                                   : destination.endpoint);
  if (in_host(destination, address)) {
    address.host = destination.bucket + "." + address.host;
  } else {
    address.base += uri_encoded(destination.bucket) + "/";
  }
  return address;
}

}  // namespace controller

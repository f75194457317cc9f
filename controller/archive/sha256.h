// SHA-256 of a stream.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace controller {

class Sha256 {
 public:
  Sha256();

  void add(std::string_view bytes);

  /// Lower-case hex.  Ends the stream: add nothing after it.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace controller

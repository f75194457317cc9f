// S3 storage in memory, as an HTTP client sees it, with faults.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/remote/http_client.h"

namespace fakes {

/// Takes path-style requests for the bucket "shop".  Listings have two keys a page.
class MemoryS3 : public controller::HttpClient {
 public:
  enum class When { Before, After };

  controller::HttpAnswer exchange(const controller::HttpCall& call,
                                  const std::stop_token& stop) override;

  /// The n-th exchange from now on, counted from 1, gets no answer: the request or the answer to it
  /// was lost.  `times` in a row.
  void lose(int n, When when, int times = 1);

  /// While it returns something, that is the answer and nothing is carried out.
  std::function<std::optional<controller::HttpAnswer>(const controller::HttpCall&)> instead =
      [](const auto&) { return std::nullopt; };

  std::map<std::string, std::string> objects;  // by key
  std::vector<controller::HttpCall> calls;     // all that came
  [[nodiscard]] int count() const { return static_cast<int>(calls.size()); }

 private:
  controller::HttpAnswer carry_out(const controller::HttpCall& call);
  [[nodiscard]] controller::HttpAnswer listing(const std::string& query) const;

  int lost_ = 0;
  int times_ = 0;
  When when_ = When::Before;
};

/// An answer with an <Error> of that code.
controller::HttpAnswer s3_error(int status, const std::string& code);

}  // namespace fakes

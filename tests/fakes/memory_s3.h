// S3 storage in memory, as an HTTP client sees it, with faults.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/remote/http_client.h"

namespace fakes {

/// Takes path-style requests for the bucket "shop".  Listings have two entries a page.
class MemoryS3 : public controller::HttpClient {
 public:
  MemoryS3();

  enum class When { Before, After };

  controller::HttpAnswer exchange(const controller::HttpCall& call,
                                  const std::stop_token& stop) override;

  /// The n-th exchange from now on, counted from 1, gets no answer: the request or the answer to it
  /// was lost.  `times` in a row.
  void lose(int n, When when, int times = 1);

  /// While it returns something, that is the answer and nothing is carried out.
  std::function<std::optional<controller::HttpAnswer>(const controller::HttpCall&)> instead =
      [](const auto&) { return std::nullopt; };

  /// What an ETag is made of bytes: their MD5, as most storage has it, unless a test wants another.
  std::function<std::string(const std::string& bytes)> etag_of;

  struct Parts {
    std::string key;
    std::map<int, std::string> parts;
  };

  std::map<std::string, std::string> objects;  // by key
  std::map<std::string, Parts> uploads;        // by id
  std::vector<controller::HttpCall> calls;     // all that came
  [[nodiscard]] int count() const { return static_cast<int>(calls.size()); }

 private:
  controller::HttpAnswer carry_out(const controller::HttpCall& call);
  controller::HttpAnswer of_upload(const controller::HttpCall& call, const std::string& key,
                                   const std::string& id);
  controller::HttpAnswer complete(const std::string& id);
  controller::HttpAnswer of_object(const controller::HttpCall& call, const std::string& key);
  [[nodiscard]] controller::HttpAnswer listing(const std::string& query) const;
  [[nodiscard]] controller::HttpAnswer parts_of(const Parts& upload,
                                                const std::string& marker) const;
  [[nodiscard]] controller::HttpAnswer unfinished(const std::string& prefix) const;

  int begun_ = 0;
  int lost_ = 0;
  int times_ = 0;
  When when_ = When::Before;
};

/// An answer with an <Error> of that code.
controller::HttpAnswer s3_error(int status, const std::string& code);

}  // namespace fakes

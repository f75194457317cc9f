#include "controller/remote/curl_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <exception>
#include <new>

#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

constexpr std::size_t kLargestBody = std::size_t{16} << 20U;

struct Cleanup {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One exchange, as libcurl's callbacks see it.
struct Transfer {
  const HttpCall& call;
  const std::stop_token& stop;
  HttpAnswer answer = {};
  std::uint64_t sent = 0;
  std::exception_ptr thrown = {};
};

std::size_t read_body(char* bytes, std::size_t size, std::size_t count, void* cookie) {
  auto& transfer = *static_cast<Transfer*>(cookie);
  try {
    const auto got = transfer.call.body.read(transfer.sent, bytes, size * count);
    transfer.sent += got;
    return got;
  } catch (...) {  // rethrown by exchange()
    transfer.thrown = std::current_exception();
    return CURL_READFUNC_ABORT;
  }
}

int seek_body(void* cookie, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) {
    return CURL_SEEKFUNC_CANTSEEK;
  }
  static_cast<Transfer*>(cookie)->sent = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

std::size_t write_answer(char* bytes, std::size_t size, std::size_t count, void* cookie) {
  auto& body = static_cast<Transfer*>(cookie)->answer.body;
  const std::string_view piece(bytes, size * count);
  if (body.size() + piece.size() > kLargestBody) {
    return 0;
  }
  body += piece;
  return piece.size();
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos
             ? ""
             : std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* cookie) {
  auto& transfer = *static_cast<Transfer*>(cookie);
  const std::string_view line(bytes, size * count);
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    transfer.answer.headers.clear();  // those so far were of a 100
  } else if (colon != std::string_view::npos) {
    auto name = std::string(line.substr(0, colon));
    std::ranges::transform(name, name.begin(),
                           [](unsigned char one) { return static_cast<char>(std::tolower(one)); });
    transfer.answer.headers[name] = trimmed(line.substr(colon + 1));
  }
  return line.size();
}

int look_up(void* cookie, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(cookie)->stop.stop_requested() ? 1 : 0;
}

NoAnswer::Retry retry_after(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return NoAnswer::Retry::Useless;
    default:
      return NoAnswer::Retry::Sensible;
  }
}

class CurlClient : public HttpClient {
 public:
  CurlClient(std::string authorities, const TransferLimits& limits)
      : authorities_(std::move(authorities)), limits_(limits), gate_(limits.permits) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) {
      throw std::bad_alloc();
    }
  }

  HttpAnswer exchange(const HttpCall& call, const std::stop_token& stop) override;

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    if (const auto code = curl_easy_setopt(curl_.get(), option, value); code != CURLE_OK) {
      throw NoAnswer("cannot set up the request: " + std::string(curl_easy_strerror(code)),
                     NoAnswer::Retry::Useless);
    }
  }
  void prepare();
  void set_connection();
  void set_request(const HttpCall& call);
  void set_callbacks(Transfer& transfer);

  std::string authorities_;
  TransferLimits limits_;
  AddressGate gate_;
  std::unique_ptr<CURL, Cleanup> curl_;
};

/// A handle whose exchange failed is not used again: one that got no connection keeps its buffers,
/// and then takes no size for them.
void CurlClient::prepare() {
  if (curl_) {
    curl_easy_reset(curl_.get());
    return;
  }
  curl_.reset(curl_easy_init());
  if (!curl_) {
    throw std::bad_alloc();
  }
}

void CurlClient::set_connection() {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits_.connect.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.stall.count()));
  set(CURLOPT_TIMEOUT, static_cast<long>(limits_.whole.count()));
  gate_.guard(curl_.get());
  set(CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10U);
  set(CURLOPT_BUFFERSIZE, 256L << 10U);
  if (limits_.bandwidth > 0) {
    set(CURLOPT_MAX_SEND_SPEED_LARGE, static_cast<curl_off_t>(limits_.bandwidth));
    set(CURLOPT_MAX_RECV_SPEED_LARGE, static_cast<curl_off_t>(limits_.bandwidth));
  }
  if (!authorities_.empty()) {
    curl_blob blob{authorities_.data(), authorities_.size(), CURL_BLOB_COPY};
    set(CURLOPT_CAINFO_BLOB, &blob);
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
}

void CurlClient::set_request(const HttpCall& call) {
  set(CURLOPT_URL, call.url.c_str());
  if (call.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (call.method == "PUT" || call.method == "POST") {
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.body.size));
  }
  set(CURLOPT_CUSTOMREQUEST, call.method == "HEAD" ? nullptr : call.method.c_str());
}

void CurlClient::set_callbacks(Transfer& transfer) {
  set(CURLOPT_READFUNCTION, read_body);
  set(CURLOPT_READDATA, static_cast<void*>(&transfer));
  set(CURLOPT_SEEKFUNCTION, seek_body);
  set(CURLOPT_SEEKDATA, static_cast<void*>(&transfer));
  set(CURLOPT_WRITEFUNCTION, write_answer);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(CURLOPT_HEADERFUNCTION, take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  set(CURLOPT_XFERINFOFUNCTION, look_up);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
  set(CURLOPT_NOPROGRESS, 0L);
}

HttpAnswer CurlClient::exchange(const HttpCall& call, const std::stop_token& stop) {
  prepare();
  Transfer transfer{call, stop};
  std::array<char, CURL_ERROR_SIZE> problem{};
  set(CURLOPT_ERRORBUFFER, problem.data());
  set_connection();
  set_request(call);
  set_callbacks(transfer);
  std::unique_ptr<curl_slist, Cleanup> headers(curl_slist_append(nullptr, "Expect:"));
  for (const auto& [name, value] : call.headers) {
    headers.reset(curl_slist_append(headers.release(), (name + ": " + value).c_str()));
  }
  set(CURLOPT_HTTPHEADER, headers.get());
  const auto code = curl_easy_perform(curl_.get());
  if (code != CURLE_OK) {
    curl_.reset();
  }
  if (transfer.thrown) {
    std::rethrow_exception(transfer.thrown);
  }
  if (stop.stop_requested()) {
    throw Interrupted("cancelled");
  }
  if (code != CURLE_OK && !gate_.refused().empty()) {
    throw NoAnswer("connections to " + gate_.refused() + " are not allowed",
                   NoAnswer::Retry::Useless);
  }
  if (code != CURLE_OK) {
    throw NoAnswer(problem.front() != '\0' ? problem.data() : curl_easy_strerror(code),
                   retry_after(code));
  }
  long status = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  return std::move(transfer.answer);
}

}  // namespace

std::unique_ptr<HttpClient> make_curl_client(const std::string& authorities,
                                             const TransferLimits& limits) {
  return std::make_unique<CurlClient>(authorities, limits);
}

}  // namespace controller

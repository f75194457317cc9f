// What happens, for those who watch it live.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/api/event_ring.h"
#include "controller/cli/job_watch.h"
#include "controller/cli/shared_book.h"

namespace controller {

/// Looks at the job book and the store four times a second, on a thread of its own, while somebody
/// follows and a minute after the last one; else it costs nothing.  For several threads.
class EventFeed {
 public:
  /// `book` outlives it.
  EventFeed(SharedBook& book, std::filesystem::path store);
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;
  ~EventFeed();

  /// All that happens from now on is an event, for as long as what is returned is kept.  Throws
  /// JobBookError.
  std::shared_ptr<void> follow();

  /// Another one for each life of the sidecar.
  [[nodiscard]] const std::string& boot() const { return boot_; }

  [[nodiscard]] std::int64_t last() const;

  struct Batch {
    bool ended = false;  // nothing comes any more
    std::int64_t last = 0;
    std::optional<std::vector<NumberedEvent>> events;  // absent: some of them are not kept any more
  };
  /// What came after that number.  Waits for it, but not longer than that: then there is nothing.
  Batch wait(std::int64_t number, std::chrono::milliseconds most);

  /// Whoever waits is told that this has ended.
  void end();

 private:
  void run();
  void look();
  void look_at_jobs();
  void look_at_store();

  SharedBook& book_;
  const std::filesystem::path store_;
  const std::string boot_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  EventRing ring_;
  std::optional<JobWatch> watch_;  // absent: nobody looks
  bool failed_ = false;            // the last look did
  std::optional<std::filesystem::file_time_type> store_changed_;
  std::weak_ptr<void> followers_;
  std::chrono::steady_clock::time_point wanted_until_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace controller

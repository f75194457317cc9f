#include "controller/restore/swap_scope.h"

#include <exception>

namespace controller {

SwapScope::SwapScope(Setting& setting, const RestorePlan& plan, const std::string& job,
                     VolumeRestore* volumes, DatabaseRestore& databases)
    : setting_(setting), plan_(plan), job_(job), volumes_(volumes), databases_(databases) {}

void SwapScope::swap() {
  if (volumes_) {
    volumes_->swap();
  }
  databases_.commit();
}

SwapScope::~SwapScope() {
  if (outcome_ != Outcome::Undecided) {
    return;
  }
  try {
    databases_.undo();
  } catch (const std::exception& error) {
    report("the databases", error.what());
  }
  try {
    if (volumes_) {
      volumes_->unswap();
    }
  } catch (const std::exception& error) {
    report("the volumes", error.what());
  }
}

void SwapScope::report(const std::string& what, const std::string& why) noexcept {
  try {
    setting_.reporter.warning("cannot swap " + what + " back now: " + why +
                              "; the next start tries again. " + by_hand(plan_, job_));
  } catch (const std::exception&) {
    // No memory for the words: the journal has it all the same.
  }
}

std::string by_hand(const RestorePlan& plan, const std::string& job) {
  std::string text = "Until then, by hand, with the containers stopped:";
  for (const auto& volume : plan.volumes) {
    if (volume.method == SwapMethod::InPlace) {
      text += "\n  volume " + volume.target +
              ": what was there is in the store, in .cofferdam/points/" + job +
              "/; empty the volume and extract it there with tar";
      continue;
    }
    const auto place =
        swap_place(volume.mountpoint, volume.origin.snapshot ? job : volume.origin.keeper);
    text += "\n  volume " + volume.target + ": one state is in " + place.parent + "/" + place.live +
            ", the other in " + place.parent + "/" + place.staging + ". If " + place.staging + "." +
            job + ".inode holds what `stat -c %i " + place.parent + "/" + place.live +
            "` prints, go back with `mv --exchange` of the two, or three times mv";
  }
  for (const auto& database : plan.databases) {
    text += "\n  database " + database.record.service + "/" + database.record.name +
            ": if there is one that ends in __old_" + job + ", it is what was live; rename " +
            database.record.name + " away and that one to " + database.record.name +
            ", and set ALLOW_CONNECTIONS true on it";
  }
  return text;
}

}  // namespace controller

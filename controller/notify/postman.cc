#include "controller/notify/postman.h"

namespace controller {

namespace {

std::vector<std::string> names_of_those_who_want(const std::vector<NotifyTarget>& targets,
                                                 const NotifyEvent& event) {
  std::vector<std::string> names;
  for (const auto& target : targets) {
    if (wants(target, event)) {
      names.push_back(target.name);
    }
  }
  return names;
}

}  // namespace

std::chrono::sys_seconds Postman::now() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.now());
}

void Postman::deliver(const NotifyTarget& target, const Letter& letter,
                      const std::stop_token& stop) {
  try {
    courier_.deliver(target, letter.event, {letter.delivery, now()}, stop);
  } catch (const NotDelivered& error) {
    const auto what = "notification " + target.name + ": \"" + title_of(letter.event) + "\" ";
    if (error.retry() == NotDelivered::Retry::Useless) {
      outbox_.give_up(letter, error.what());
      complain_(what + "was refused and is given up: " + error.what());
    } else if (!outbox_.failed(letter, error.what(), now())) {
      complain_(what + "is given up after a day: " + error.what());
    } else if (letter.attempts == 0) {
      complain_(what + "could not be delivered and is kept for later: " + error.what());
    }
    return;
  }
  outbox_.delivered(letter, now());
}

void Postman::go_round(const std::vector<NotifyTarget>& targets, const std::stop_token& stop) {
  for (const auto& target : targets) {
    while (const auto letter = outbox_.take(target.name, now())) {
      deliver(target, *letter, stop);
    }
  }
}

void put_for_all(Outbox& outbox, const std::vector<NotifyTarget>& targets, const NotifyEvent& event,
                 std::chrono::sys_seconds now) {
  for (const auto& name : names_of_those_who_want(targets, event)) {
    outbox.put(name, event, now);
  }
}

void put_for_all_once(Outbox& outbox, const std::string& key,
                      const std::vector<NotifyTarget>& targets, const NotifyEvent& event,
                      std::chrono::sys_seconds now) {
  outbox.put_once(key, names_of_those_who_want(targets, event), event, now);
}

void put_for_each_once(Outbox& outbox, const std::string& key,
                       const std::vector<NotifyTarget>& targets, const NotifyEvent& event,
                       std::chrono::sys_seconds now) {
  for (const auto& name : names_of_those_who_want(targets, event)) {
    outbox.put_once(key + " " + name, {name}, event, now);
  }
}

}  // namespace controller

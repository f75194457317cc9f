// Mail by libcurl.
#pragma once

#include <stop_token>

#include "controller/notify/notify_request.h"
#include "controller/remote/curl_client.h"

namespace controller {

/// Hands the mail to the target's server.  A password is sent through TLS only, unless the target
/// says that there is none.  Throws NoAnswer, and Interrupted once `stop` is requested.
void send_mail(const NotifyTarget& target, const Mail& mail, const TransferLimits& limits,
               const std::stop_token& stop);

}  // namespace controller

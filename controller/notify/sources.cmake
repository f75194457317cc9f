cofferdam_library(controller_notify
  SOURCES
    controller/notify/address_rule.cc
    controller/notify/base64_text.cc
    controller/notify/curl_courier.cc
    controller/notify/mail.cc
    controller/notify/notify_event.cc
    controller/notify/notify_target.cc
    controller/notify/notify_url.cc
    controller/notify/outbox.cc
    controller/notify/postman.cc
    controller/notify/smtp_client.cc
    controller/notify/url_parts.cc
    controller/notify/web_request.cc
  LIBS controller_jobs controller_remote controller_units CURL::libcurl OpenSSL::Crypto nlohmann_json::nlohmann_json PkgConfig::SQLITE)

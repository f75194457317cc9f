cofferdam_library(controller_access
  SOURCES
    controller/access/access_file.cc
    controller/access/address_range.cc
    controller/access/audit_log.cc
    controller/access/credential.cc
    controller/access/login_throttle.cc
    controller/access/password_hash.cc
    controller/access/scope.cc
    controller/access/sessions.cc
    controller/access/tokens.cc
    controller/access/users.cc
  LIBS controller_archive controller_jobs PkgConfig::SODIUM PkgConfig::SQLITE nlohmann_json::nlohmann_json)

cofferdam_library(controller_database
  SOURCES
    controller/database/copy_checksum.cc
    controller/database/detection.cc
  LIBS controller_agent controller_archive controller_snapshot dockerapi
    nlohmann_json::nlohmann_json OpenSSL::Crypto PkgConfig::PQ)

cofferdam_library(controller_database
  SOURCES
    controller/database/archive_filter.cc
    controller/database/archive_reader.cc
    controller/database/archive_toc.cc
    controller/database/copy_checksum.cc
    controller/database/detection.cc
    controller/database/plain_dump_reader.cc
    controller/database/postgres_agent.cc
    controller/database/schema_digest.cc
    controller/database/server_connection.cc
    controller/database/sql_link.cc
    controller/database/sql_protocol.cc
    controller/database/sql_text.cc
  LIBS controller_agent controller_archive controller_snapshot dockerapi
    nlohmann_json::nlohmann_json OpenSSL::Crypto PkgConfig::PQ)

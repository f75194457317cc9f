set(DOCKERAPI_SOURCES
  dockerapi/container.cc
)
cofferdam_library(dockerapi SOURCES ${DOCKERAPI_SOURCES} LIBS PkgConfig::HTTPLIB OpenSSL::SSL OpenSSL::Crypto nlohmann_json::nlohmann_json)

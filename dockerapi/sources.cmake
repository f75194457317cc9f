set(DOCKERAPI_SOURCES
  dockerapi/api_version.cc
  dockerapi/base64.cc
  dockerapi/connection.cc
  dockerapi/container.cc
  dockerapi/container_json.cc
  dockerapi/endpoint.cc
  dockerapi/engine_json.cc
  dockerapi/event_feed.cc
  dockerapi/exec_run.cc
  dockerapi/frame_decoder.cc
  dockerapi/hijack.cc
  dockerapi/http_engine.cc
  dockerapi/http_event_stream.cc
  dockerapi/http_message.cc
  dockerapi/image_upload.cc
  dockerapi/plain_calls.cc
  dockerapi/request_json.cc
  dockerapi/tls_session.cc
)
cofferdam_library(dockerapi SOURCES ${DOCKERAPI_SOURCES} LIBS PkgConfig::HTTPLIB OpenSSL::SSL OpenSSL::Crypto nlohmann_json::nlohmann_json)
# g++ 12 sees null pointers in Asio's own scheduler once it is inlined.
set_source_files_properties(dockerapi/connection.cc PROPERTIES COMPILE_OPTIONS -Wno-null-dereference)

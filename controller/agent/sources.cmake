cofferdam_library(controller_agent
  SOURCES
    controller/agent/byte_text.cc
    controller/agent/protocol.cc
  LIBS controller_archive nlohmann_json::nlohmann_json)

cofferdam_library(controller_agent
  SOURCES
    controller/agent/agent_capture.cc
    controller/agent/agent_channel.cc
    controller/agent/agent_container.cc
    controller/agent/agent_drill.cc
    controller/agent/agent_loop.cc
    controller/agent/agent_restore.cc
    controller/agent/byte_text.cc
    controller/agent/conversation.cc
    controller/agent/free_space.cc
    controller/agent/protocol.cc
    controller/agent/sync_directory.cc
    controller/agent/tree_exchange.cc
    controller/agent/tree_replacement.cc
  LIBS dockerapi controller_archive nlohmann_json::nlohmann_json)

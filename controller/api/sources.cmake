cofferdam_library(controller_api
  SOURCES
    controller/api/api_gate.cc
    controller/api/event_frames.cc
    controller/api/event_ring.cc
    controller/api/fields.cc
    controller/api/http_front.cc
    controller/api/openapi.cc
    controller/api/openapi_schemas.cc
    controller/api/problem.cc
    controller/api/request_guard.cc
    controller/api/route.cc
    controller/api/session_routes.cc
    controller/api/token_routes.cc
    controller/api/token_views.cc
    controller/api/worker_pool.cc
  LIBS controller_access controller_clock PkgConfig::HTTPLIB nlohmann_json::nlohmann_json)

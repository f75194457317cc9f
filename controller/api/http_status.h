// The statuses that our answers have (RFC 9110).
#pragma once

namespace controller::http_status {

inline constexpr int kCreated = 201;
inline constexpr int kAccepted = 202;
inline constexpr int kNoContent = 204;
inline constexpr int kPartial = 206;
inline constexpr int kBadRequest = 400;
inline constexpr int kUnauthorized = 401;
inline constexpr int kForbidden = 403;
inline constexpr int kNotFound = 404;
inline constexpr int kMethodNotAllowed = 405;
inline constexpr int kTooLate = 408;
inline constexpr int kConflict = 409;
inline constexpr int kLengthRequired = 411;
inline constexpr int kTooLarge = 413;
inline constexpr int kUnsupported = 415;
inline constexpr int kNoSuchRange = 416;
inline constexpr int kMisdirected = 421;
inline constexpr int kTooMany = 429;
inline constexpr int kHeadTooLarge = 431;
inline constexpr int kServerError = 500;
inline constexpr int kBadGateway = 502;
inline constexpr int kUnavailable = 503;
inline constexpr int kInsufficientStorage = 507;

}  // namespace controller::http_status

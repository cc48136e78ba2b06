// Package web is all HTTP that is not the execution of GraphQL: routes, the page
// that says what is here, downloads and uploads, health and metrics, and what
// holds for every request: limits on time, security headers, protection from
// other sites, logs, and answers that help when something is asked for in vain.
//
// GraphQL itself is a handler that the caller passes in.
package web

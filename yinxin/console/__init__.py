"""The department console (工作台): pages for clerks, reviewers and seal keepers.

How to add a subject (applications are the example; `docs/departments.md` tells clerks):

1. A module here with ``router = APIRouter()``, joined in `console.routes`. Its routes are
   below ``/console/…``, plain ``def``, take ``request: Request, call: Caller``
   (`issuance.routes.Caller`: session, services, actor, at) and call the same functions as the
   ``/v1`` routes. Roles, departments and separation of duties are judged there, never here.
   One transaction is around each; what must open its own (large uploads, copies) goes to
   ``caller_router`` and uses ``request.state.writing``.
2. Answer with `pages.console_page(request, "console/<template>.html", …)`; after an act,
   `pages.go(path, "console.done.…")`, so that loading anew repeats nothing.
3. What was posted is in `posting.posted(request)`, checked to come from our own form. In
   templates, open forms with ``{% call ui.form("/console/…") %}``; it carries the token.
4. Refusals need no code: raise (or let raise) the package's errors. Where a form is to be
   shown again with what was entered, call `posting.show_again(request, render)` first;
   `render(problem)` runs after the rollback and must not use the request's session.
5. Deciding acts take two steps: a GET page that says what will happen
   (`pages.confirmation`), then the POST.
6. One `navigation.ENTRIES` line, one or more `queues.QUEUES` lines, words in
   ``words/<subject>.toml`` (keys begin with ``console.``), templates beside the others with
   the macros of ``console/_parts.html``: facts, table cells, fields, problems, pager.
7. Lists are paged by key: `listing.Cursor`, never by OFFSET.
8. Tests: the fixture ``desk`` of `tests/journeys/conftest.py` is a browser without script
   (``done`` sends a page's form and must be led on, ``send`` takes refusals too); what it looks
   like is in `tests/browser/test_console.py`.

Addresses that other pages lead to: ``/console/licences/{id}``, ``/console/endings[/{id}]``,
``/console/suspensions[/{id}]``, ``/console/batches[/{id}]``, ``/console/objections[/{id}]``,
``/console/seals[/{id}[/requests]]``. A new edition is asked for at
``/console/applications/new/{kind}?replaces={licence id}&reason=renewal``, filled in with the
present one. What may carry more than a form usually does says so in `yinxin.app`, ``for_path``.
"""

using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>A type of resource: what the API tells about each, what they are related to, and where they are found.</summary>
internal abstract class ResourceType(string name)
{
    public string Name => name;

    public abstract Type AttributesType { get; }

    public abstract IReadOnlyList<Relation> RelationsOfAny { get; }

    /// <summary>Those of these that exist and that the caller may see, in no order.</summary>
    public abstract Task<IReadOnlyList<Resource>> LoadAsync(IReadOnlyList<string> ids, HttpContext context);

    public Relation? RelationOf(string relation) => RelationsOfAny.FirstOrDefault(one => one.Name == relation);
}

/// <summary>Declares a type of resource, once for all routes that answer with it or include it.</summary>
/// <typeparam name="TRow">A row of the database, or a view of several.</typeparam>
/// <typeparam name="TAttributes">What clients see; known to <see cref="ApiJsonContext"/>.</typeparam>
internal abstract class ResourceType<TRow, TAttributes>(string name) : ResourceType(name)
    where TRow : class
    where TAttributes : notnull
{
    public override Type AttributesType => typeof(TAttributes);

    public sealed override IReadOnlyList<Relation> RelationsOfAny => Relations;

    protected virtual IReadOnlyList<Relation<TRow>> Relations => [];

    protected abstract string IdOf(TRow row);

    protected abstract TAttributes Show(TRow row, HttpContext context);

    /// <summary>The rows that have these ids.</summary>
    protected abstract IQueryable<TRow> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids);

    /// <summary>The row that has this id. Worth saying for types that are often asked for one by one: a query by a list is made anew for
    /// each list, and this one is not.</summary>
    protected virtual IQueryable<TRow> Row(OrchestratorDbContext db, string id) => Rows(db, [id]);

    protected virtual IReadOnlyDictionary<string, string>? LinksOf(TRow row) =>
        new Dictionary<string, string> { ["self"] = $"{ApiRoutes.Root}/{Name}/{IdOf(row)}" };

    /// <summary>Those rows of a list that the caller may see, where the route's rule does not say so for all of them.</summary>
    protected virtual IQueryable<TRow> Visible(IQueryable<TRow> rows, HttpContext context) => rows;

    /// <summary>For rows that were found by their id alone, as included ones are.</summary>
    protected virtual bool MaySee(TRow row, HttpContext context) => Caller.Of(context).RunToken is null;

    /// <summary>Finds what needs a query of its own, for all rows of an answer at once.</summary>
    protected virtual Task GatherAsync(IReadOnlyList<TRow> rows, HttpContext context) => Task.CompletedTask;

    /// <exception cref="ApiProblem">There is none with this id that the caller may see.</exception>
    public async Task<JsonApiResult> ShowAsync(string id, HttpContext context) => await ShowAsync(
        await FindAsync(id, context) is { } row && MaySee(row, context) ? row : throw ApiProblem.NotFound(), context);

    /// <exception cref="ApiProblem">There is no row.</exception>
    public async Task<JsonApiResult> ShowAsync(TRow? row, HttpContext context, int status = StatusCodes.Status200OK)
    {
        TRow[] rows = [row ?? throw ApiProblem.NotFound()];
        return new JsonApiResult(await DocumentAsync(rows, isList: false, context), status);
    }

    public Task<JsonApiResult> ShowNewAsync(TRow row, HttpContext context) => ShowAsync(row, context, StatusCodes.Status201Created);

    /// <summary>All of them, for lists that clients read without paging.</summary>
    public async Task<JsonApiResult> ShowAllAsync(IQueryable<TRow> ordered, HttpContext context) =>
        await ShowAllAsync(await Visible(ordered, context).ToListAsync(context.RequestAborted), context);

    public async Task<JsonApiResult> ShowAllAsync(IReadOnlyList<TRow> rows, HttpContext context) =>
        new(await DocumentAsync(rows, isList: true, context));

    /// <summary>The page that the query asks for.</summary>
    public Task<JsonApiResult> ShowPageAsync(IQueryable<TRow> ordered, HttpContext context) =>
        ShowPageAsync(ordered, Paging.Of(context.Request), context);

    /// <summary>The page that the query asks for, or all of them when it asks for none.</summary>
    public Task<JsonApiResult> ShowPageOrAllAsync(IQueryable<TRow> ordered, HttpContext context) =>
        ShowPageAsync(ordered, Paging.OrAll(context.Request), context);

    /// <param name="view">What is joined to the rows: only those of the page are joined, and none to be counted. For those who do not see
    /// all of them, what they see is counted, too.</param>
    public async Task<JsonApiResult> ShowPageAsync<TEntity>(
        IQueryable<TEntity> ordered, Func<IQueryable<TEntity>, IQueryable<TRow>> view, HttpContext context)
    {
        var (paging, rows) = (Paging.Of(context.Request), view(ordered));
        var seen = Visible(rows, context);
        return await ShowPageAsync(
            ReferenceEquals(seen, rows) ? await paging.ReadAsync(ordered, view, context) : await paging.ReadAsync(seen, context), context);
    }

    /// <summary>The page that the query asks for, without how many there are.</summary>
    /// <param name="view">What is joined to the rows of the page; for those who do not see all of them, to all.</param>
    public async Task<JsonApiResult> ShowUncountedPageAsync<TEntity>(
        IQueryable<TEntity> ordered, Func<IQueryable<TEntity>, IQueryable<TRow>> view, HttpContext context)
    {
        var (paging, rows) = (Paging.Of(context.Request), view(ordered));
        var seen = Visible(rows, context);
        return await ShowPageAsync(
            ReferenceEquals(seen, rows) ? await paging.ReadUncountedAsync(ordered, view, context)
                : await paging.ReadUncountedAsync(seen, found => found, context),
            context);
    }

    private async Task<JsonApiResult> ShowPageAsync(IQueryable<TRow> ordered, Paging paging, HttpContext context) =>
        await ShowPageAsync(await paging.ReadAsync(Visible(ordered, context), context), context);

    private async Task<JsonApiResult> ShowPageAsync(Page<TRow> page, HttpContext context)
    {
        var document = await DocumentAsync(page.Rows, isList: true, context);
        return new JsonApiResult(document with { Links = page.Links, Meta = new ListMeta(page.Pagination) });
    }

    public sealed override async Task<IReadOnlyList<Resource>> LoadAsync(IReadOnlyList<string> ids, HttpContext context)
    {
        var rows = await FindAsync(await Sights.SeenAsync(context, Name, ids), context);
        await GatherAsync(rows, context);
        return [.. rows.Select(row => Map(row, context))];
    }

    public Resource<TAttributes> Map(TRow row, HttpContext context) => new(IdOf(row), Name, Show(row, context))
    {
        Relationships = Relate(row),
        Links = LinksOf(row),
    };

    protected static Relation<TRow> One(string name, string type, Func<TRow, string?> id) => new(name, [type], row => Relationship.One(type, id(row)));

    protected static Relation<TRow> Many(string name, string type, Func<TRow, IEnumerable<string>> ids) =>
        new(name, [type], row => Relationship.Many(type, ids(row))) { IsMany = true };

    /// <summary>Many that are only told by an address, where they are to be asked for.</summary>
    protected static Relation<TRow> Linked(string name, Func<TRow, string> address) => new(name, [], row => Relationship.Link(address(row)));

    /// <summary>The same, and included on demand.</summary>
    /// <param name="find">The ids of the related, by the id of the resource.</param>
    protected static Relation<TRow> Linked(
        string name, string type, Func<TRow, string> address,
        Func<OrchestratorDbContext, IReadOnlyList<string>, CancellationToken, Task<ILookup<string, string>>> find) =>
        new(name, [type], row => Relationship.Link(address(row))) { Find = find, IsIncludable = true };

    /// <summary>Related to one of several types.</summary>
    protected static Relation<TRow> Either(string name, IReadOnlyList<string> types, Func<TRow, Relationship> show) => new(name, types, show);

    /// <summary>Many that the row does not know: they are found, and told, only when they are to be included.</summary>
    /// <param name="find">The ids of the related, by the id of the resource.</param>
    protected static Relation<TRow> Found(
        string name, string type, Func<OrchestratorDbContext, IReadOnlyList<string>, CancellationToken, Task<ILookup<string, string>>> find) =>
        new(name, [type], Show: null) { Find = find, IsIncludable = true, IsMany = true };

    /// <summary>Clients may ask for it, though no resource here has any.</summary>
    protected static Relation<TRow> Empty(string name, string type) => new(name, [type], Show: null) { IsIncludable = true };

    private static OrchestratorDbContext Database(HttpContext context) => context.RequestServices.GetRequiredService<OrchestratorDbContext>();

    private Task<TRow?> FindAsync(string id, HttpContext context) =>
        Row(Database(context), id).AsNoTracking().FirstOrDefaultAsync(context.RequestAborted);

    /// <summary>Those of these that exist and that the caller may see, in no order.</summary>
    protected virtual async Task<List<TRow>> FindAsync(IReadOnlyList<string> ids, HttpContext context)
    {
        var rows = await Rows(Database(context), ids).AsNoTracking().ToListAsync(context.RequestAborted);
        rows.RemoveAll(row => !MaySee(row, context));
        return rows;
    }

    private async Task<Document> DocumentAsync(IReadOnlyList<TRow> rows, bool isList, HttpContext context)
    {
        var wanted = Includes.Of(this, context);
        await GatherAsync(rows, context);
        Resource[] resources = [.. rows.Select(row => Map(row, context))];
        return new Document(resources, isList)
        {
            Included = wanted is null ? null : await wanted.LoadAsync(resources),
            Fields = Fieldsets.Of(context.Request),
        };
    }

    private Dictionary<string, Relationship>? Relate(TRow row)
    {
        Dictionary<string, Relationship>? relationships = null;
        foreach (var relation in Relations)
        {
            if (relation.Show is { } show)
            {
                (relationships ??= []).Add(relation.Name, show(row));
            }
        }
        return relationships;
    }
}
